import http from 'node:http';
import https from 'node:https';
import { type Socket } from 'node:net';
import { type Duplex } from 'node:stream';
import { AddressForbiddenError, type AddressGuard } from './address-guard.js';

type Created = (error: Error | null, socket: Duplex) => void;

/**
 * An idle connection is closed before the destination closes it (Node's own servers do after 5 s): a
 * request written into a closing connection would end as `unknown`, though nobody read it.
 */
const IDLE_MS = 4000;
/** Of several addresses, each gets this long before the next is tried too; Node's 250 ms cut slow links off. */
const NEXT_ADDRESS_MS = 1000;
export const AGENT_OPTIONS = {
  keepAlive: true,
  maxSockets: 256,
  maxFreeSockets: 64,
  timeout: IDLE_MS,
  autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
};

/** Connections that got as far as carrying requests (with TLS: past the handshake). */
const established = new WeakSet<object>();

/** True when a request given to this socket may have reached the other side. */
export function mayCarryBytes(socket: object | null | undefined): boolean {
  return socket !== null && socket !== undefined && established.has(socket);
}

/** Marks the socket for {@link mayCarryBytes} once it is ready. */
export function remember<T extends Duplex | null | undefined>(
  socket: T,
  readyEvent: 'connect' | 'secureConnect',
): T {
  socket?.once(readyEvent, () => established.add(socket));
  return socket;
}

export interface GuardedAgents {
  http: http.Agent;
  https: https.Agent;
  /** Closes idle connections that the guard has come to refuse since they were made. */
  dropRefused(): void;
}

/** Agents that dial checked addresses only: names through the guard's lookup, literals before connecting. */
export function createGuardedAgents(guard: AddressGuard): GuardedAgents {
  const agents = { http: new GuardedHttpAgent(guard), https: new GuardedHttpsAgent(guard) };
  let checked = guard.generation;
  for (const agent of Object.values(agents)) refuseWhenFree(agent, guard);
  const dropRefused = () => {
    if (checked === guard.generation) return;
    checked = guard.generation;
    for (const agent of Object.values(agents)) closeRefused(idleSockets(agent), guard);
  };
  return { ...agents, dropRefused };
}

class GuardedHttpAgent extends http.Agent {
  constructor(private readonly guard: AddressGuard) {
    super(AGENT_OPTIONS);
  }

  override createConnection(options: http.ClientRequestArgs, callback?: Created): Duplex | null | undefined {
    const checked = checkedOptions(this.guard, options, callback);
    return checked && remember(super.createConnection(checked, callback), 'connect');
  }
}

class GuardedHttpsAgent extends https.Agent {
  constructor(private readonly guard: AddressGuard) {
    super(AGENT_OPTIONS);
  }

  override createConnection(options: https.RequestOptions, callback?: Created): Duplex | null | undefined {
    const checked = checkedOptions(this.guard, options, callback);
    return checked && remember(super.createConnection(checked, callback), 'secureConnect');
  }
}

/** `net.connect` does not ask the lookup about literal addresses. */
function checkedOptions<T extends http.ClientRequestArgs>(
  guard: AddressGuard,
  options: T,
  callback?: Created,
): T | undefined {
  const port = Number(options.port);
  const refusal = guard.checkHost(options.host ?? '', port);
  if (refusal === null) return { ...options, lookup: guard.lookupFor(port) };
  // Node takes an error without a socket, its types do not say so.
  (callback as ((error: Error) => void) | undefined)?.(new AddressForbiddenError(refusal));
  return undefined;
}

/**
 * A connection that was busy while the guard changed is looked at when its request is done, before Node's
 * own listener hands it to the next one.
 */
function refuseWhenFree(agent: http.Agent, guard: AddressGuard): void {
  const checked = new WeakMap<Socket, number>();
  const unchanged = guard.generation;
  agent.prependListener('free', (socket: Socket) => {
    if ((checked.get(socket) ?? unchanged) === guard.generation) return;
    checked.set(socket, guard.generation);
    closeRefused([socket], guard);
  });
}

function closeRefused(sockets: readonly Socket[], guard: AddressGuard): void {
  for (const socket of sockets) {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress !== undefined && guard.checkHost(remoteAddress, remotePort) !== null) socket.destroy();
  }
}

function idleSockets(agent: http.Agent): Socket[] {
  return Object.values(agent.freeSockets).flatMap((list) => list ?? []);
}
