import http from 'node:http';
import https from 'node:https';
import { type Duplex } from 'node:stream';
import { AddressForbiddenError, type AddressGuard } from './address-guard.js';

type Created = (error: Error | null, socket: Duplex) => void;

/**
 * An idle connection is closed before the destination closes it (Node's own servers do after 5 s): a
 * request written into a closing connection would end as `unknown`, though nobody read it.
 */
const IDLE_MS = 4000;
const AGENT_OPTIONS = { keepAlive: true, maxSockets: 256, maxFreeSockets: 64, timeout: IDLE_MS };

/** Connections that got as far as carrying requests (with TLS: past the handshake). */
const established = new WeakSet<object>();

/** True when a request given to this socket may have reached the other side. */
export function mayCarryBytes(socket: object | null | undefined): boolean {
  return socket !== null && socket !== undefined && established.has(socket);
}

/** Agents that dial checked addresses only: names through the guard's lookup, literals before connecting. */
export function createGuardedAgents(guard: AddressGuard): { http: http.Agent; https: https.Agent } {
  const options = { ...AGENT_OPTIONS, lookup: guard.lookup as http.AgentOptions['lookup'] };
  return { http: new GuardedHttpAgent(guard, options), https: new GuardedHttpsAgent(guard, options) };
}

class GuardedHttpAgent extends http.Agent {
  constructor(
    private readonly guard: AddressGuard,
    options: http.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(options: http.ClientRequestArgs, callback?: Created): Duplex | null | undefined {
    if (refuseLiteral(this.guard, options, callback)) return undefined;
    return remember(super.createConnection(options, callback), 'connect');
  }
}

class GuardedHttpsAgent extends https.Agent {
  constructor(
    private readonly guard: AddressGuard,
    options: https.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(options: https.RequestOptions, callback?: Created): Duplex | null | undefined {
    if (refuseLiteral(this.guard, options, callback)) return undefined;
    return remember(super.createConnection(options, callback), 'secureConnect');
  }
}

/** `net.connect` does not ask the lookup about literal addresses. */
function refuseLiteral(guard: AddressGuard, options: http.ClientRequestArgs, callback?: Created): boolean {
  const refusal = guard.checkHost(options.host ?? '');
  if (refusal === null) return false;
  // Node takes an error without a socket, its types do not say so.
  (callback as ((error: Error) => void) | undefined)?.(new AddressForbiddenError(refusal));
  return true;
}

function remember<T extends Duplex | null | undefined>(
  socket: T,
  readyEvent: 'connect' | 'secureConnect',
): T {
  socket?.once(readyEvent, () => established.add(socket));
  return socket;
}
