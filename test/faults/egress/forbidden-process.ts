import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { type Socket } from 'node:net';
import { type AddressGuard, createAddressGuard } from '../../../src/egress/address-guard.js';
import { createHttpClient } from '../../../src/egress/guarded-http-client.js';
import { createMailClient } from '../../../src/egress/guarded-mail-client.js';
import { EgressError } from '../../../src/egress/http-client.js';
import { MailError } from '../../../src/egress/mail-client.js';
import { createHostResolver, toLookup } from '../../../src/egress/resolve-host.js';
import { plainAddress } from '../../../src/lib/ip-ranges.js';
import { type DnsServer, startDnsServer } from '../../support/dns-server.js';
import { startRawServer } from '../../support/raw-server.js';
import { FORBIDDEN, LOOPBACK, addressesOfName, spellingsOf } from './spellings.js';

/** What {@link main} prints, as JSON. */
export interface ForbiddenReport {
  ranges: number;
  fewestSpellings: number;
  /** Attempts, and connections that came at the listener, over http, https and smtp. */
  guarded: { tried: number; refused: number; arrived: number; others: string[] };
  /** The same without a guard. `reached`: the ranges to which at least one connection came. */
  control: { tried: number; arrived: number; reached: string[] };
  /** Names whose first answer is harmless and whose second is not, or the other way round. */
  rebinding: { races: number; harmless: number; inside: number };
  /** The same against a guard that looks first and lets the connection look again. */
  naive: { races: number; harmless: number; inside: number };
}

const TIMEOUT_MS = 2000;
const AT_ONCE = 20;
const RACES = 1000;
const HARMLESS = '127.0.0.2';
const INSIDE = '127.0.0.1';

/** In a network namespace of our own every address there is can be this machine's. */
function ownEveryAddress(): void {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  execFileSync('ip', ['route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo']);
  execFileSync('ip', ['-6', 'route', 'add', 'local', '::/0', 'dev', 'lo']);
}

async function main(): Promise<ForbiddenReport> {
  const inNamespace = process.argv.includes('--namespace');
  if (inNamespace) ownEveryAddress();
  const dns = await startDnsServer(({ name }) => addressesOfName(name));
  const arrived: string[] = [];
  const listener = await startRawServer(
    (socket) => arrived.push(localAddress(socket)) && refuseTalk(socket),
    {
      host: '::',
    },
  );

  const guarded = await tryAll(createAddressGuard([], resolverOf(dns)), listener.port, arrived);

  const control = await tryControl(
    createAddressGuard(['0.0.0.0/0', '::/0'], resolverOf(dns)),
    // Without a guard only what cannot leave this machine is dialled.
    attempts(listener.port, ['http', 'smtp']).filter(
      ({ range, url }) => inNamespace || (LOOPBACK.includes(range) && !url.includes('[64:ff9b')),
    ),
    arrived,
  );
  const counts = Object.values(FORBIDDEN).map((address) => spellingsOf(address).length);

  const races = { rebinding: await rebind(raceGuarded, arrived), naive: await rebind(raceNaive, arrived) };
  await Promise.all([dns.close(), listener.close()]);
  return { ranges: counts.length, fewestSpellings: Math.min(...counts), guarded, control, ...races };
}

function localAddress(socket: Socket): string {
  return plainAddress(socket.localAddress ?? '');
}

/** An end that each of the three protocols understands as no. */
function refuseTalk(socket: Socket): void {
  socket.end('554 no\r\n');
}

function resolverOf(dns: DnsServer) {
  return createHostResolver({
    servers: [dns.address],
    hostsFile: '/nowhere',
    system: notFound,
    wantsIpv6: () => true,
  });
}

const notFound: Parameters<typeof toLookup>[0] = (name, _options, callback) =>
  callback(Object.assign(new Error(name), { code: 'ENOTFOUND' }), []);

interface Attempt {
  range: string;
  url: string;
}

function attempts(port: number, schemes: readonly string[]): Attempt[] {
  return Object.entries(FORBIDDEN).flatMap(([range, address]) =>
    spellingsOf(address).flatMap(([, authority]) =>
      schemes.map((scheme) => ({ range, url: `${scheme}://${authority}:${port}` })),
    ),
  );
}

async function tryAll(
  guard: AddressGuard,
  port: number,
  arrived: string[],
): Promise<ForbiddenReport['guarded']> {
  const doors = openDoors(guard);
  const list = attempts(port, ['http', 'https', 'smtp']);
  const failures = await inTurns(list, async ({ url }) => ({ url, failure: await doors.try(url) }));
  doors.close();
  const others = failures.filter(
    ({ failure }) => !['address_forbidden', 'invalid_request', 'message'].includes(failure),
  );
  return {
    tried: list.length,
    refused: list.length - others.length,
    arrived: arrived.length,
    others: others.map(({ url, failure }) => `${url} ${failure}`),
  };
}

async function tryControl(
  guard: AddressGuard,
  all: readonly Attempt[],
  arrived: string[],
): Promise<ForbiddenReport['control']> {
  const doors = openDoors(guard);
  const list = all.filter(({ url }) => !url.includes('//beside-'));
  const reached = new Set<string>();
  arrived.length = 0;
  for (const { range, url } of list) {
    const before = arrived.length;
    await doors.try(url, 300);
    if (arrived.length > before) reached.add(range);
  }
  doors.close();
  return { tried: list.length, arrived: arrived.length, reached: [...reached] };
}

function openDoors(guard: AddressGuard) {
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

type Race = (
  url: string,
  name: string,
  resolve: ReturnType<typeof resolverOf>,
  guard: AddressGuard,
) => Promise<unknown>;

/** Names whose answer changes with every question; the odd ones begin with the address inside. */
async function rebind(race: Race, arrived: string[]): Promise<ForbiddenReport['rebinding']> {
  const asked = new Map<string, number>();
  const dns = await startDnsServer(({ name, type }) => {
    if (type !== 'A') return [];
    const nth = asked.get(name) ?? Number(/\d+/.exec(name)?.[0] ?? 0);
    asked.set(name, nth + 1);
    return [nth % 2 === 0 ? HARMLESS : INSIDE];
  });
  const resolve = resolverOf(dns);
  const guard = createAddressGuard([HARMLESS], resolve);
  const listener = await startRawServer(
    (socket) => arrived.push(localAddress(socket)) && refuseTalk(socket),
    { host: '0.0.0.0' },
  );
  arrived.length = 0;
  const names = Array.from({ length: RACES }, (_, at) => `race-${at}.test`);
  await inTurns(names, (name) => race(`http://${name}:${listener.port}/`, name, resolve, guard));
  await Promise.all([dns.close(), listener.close()]);
  const count = (address: string) => arrived.filter((local) => local === address).length;
  return { races: RACES, harmless: count(HARMLESS), inside: count(INSIDE) };
}

const raceGuarded: Race = async (url, name, _resolve, guard) => {
  const doors = openDoors(guard);
  await doors.try(url);
  // Asked anew, over HTTP and over SMTP: the answer has changed meanwhile.
  await doors.try(url);
  await doors.try(url.replace('http:', 'smtp:').replace(name, `x${name}`));
  doors.close();
};

const raceNaive: Race = async (url, name, resolve, guard) => {
  const checked = await new Promise<boolean>((done) =>
    guard.lookupFor(80)(name, { all: true }, (error) => done(error === null)),
  );
  if (!checked) return;
  await new Promise<void>((done) => {
    const request = http.get(url, {
      lookup: toLookup(resolve) as http.RequestOptions['lookup'],
      agent: false,
    });
    request
      .once('error', () => done())
      .once('response', (response) => response.resume().once('close', () => done()));
  });
};

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = [...items];
  const turn = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
  return results;
}

process.stdout.write(JSON.stringify(await main()));
