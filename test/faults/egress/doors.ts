import { type AddressGuard } from '../../../src/egress/address-guard.js';
import { createHttpClient } from '../../../src/egress/guarded-http-client.js';
import { createMailClient } from '../../../src/egress/guarded-mail-client.js';
import { EgressError } from '../../../src/egress/http-client.js';
import { MailError } from '../../../src/egress/mail-client.js';
import { type Resolve, createHostResolver } from '../../../src/egress/resolve-host.js';
import { plainAddress } from '../../../src/lib/ip-ranges.js';
import { type DnsServer } from '../../support/dns-server.js';
import { startRawServer } from '../../support/raw-server.js';

const TIMEOUT_MS = 2000;
const AT_ONCE = 20;

export interface Arrivals {
  port: number;
  /** The local address of every connection that came, in order. */
  addresses: string[];
  close(): Promise<void>;
}

/** Takes connections at every address of the family and says at once what each of the three protocols reads as no. */
export async function startListener(host: '::' | '0.0.0.0'): Promise<Arrivals> {
  const addresses: string[] = [];
  const server = await startRawServer(
    (socket) => {
      addresses.push(plainAddress(socket.localAddress ?? ''));
      socket.end('554 no\r\n');
    },
    { host },
  );
  return { port: server.port, addresses, close: () => server.close() };
}

/** The resolver of the program, asking this name server alone. */
export function resolverOf(dns: DnsServer): Resolve {
  return createHostResolver({
    servers: [dns.address],
    hostsFile: '/nowhere',
    system: notFound,
    wantsIpv6: () => true,
  });
}

const notFound: Resolve = (name, _options, callback) =>
  callback(Object.assign(new Error(name), { code: 'ENOTFOUND' }), []);

/** Both doors out as one: tries an http, https or smtp URL. */
export function openDoors(guard: AddressGuard) {
  const web = createHttpClient(guard);
  const mail = createMailClient(guard);
  const message = {
    from: 'a@example.com',
    to: ['b@example.com'],
    subject: 's',
    text: 't',
    messageId: '<m@example.com>',
  };
  return {
    /** The failure, or `answered`. */
    async try(url: string, timeoutMs = TIMEOUT_MS): Promise<string> {
      try {
        if (url.startsWith('smtp:')) await mail.send(url, message, timeoutMs);
        else await web.send({ method: 'POST', url, body: 'x', timeoutMs });
        return 'answered';
      } catch (error) {
        if (error instanceof EgressError || error instanceof MailError) return error.failure;
        throw error;
      }
    },
    close() {
      web.close();
      mail.close();
    },
  };
}

/** Twenty at a time. */
export async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = [...items];
  const turn = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
  return results;
}
