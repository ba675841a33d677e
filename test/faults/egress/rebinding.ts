import http from 'node:http';
import { type AddressGuard, createAddressGuard } from '../../../src/egress/address-guard.js';
import { type Resolve, toLookup } from '../../../src/egress/resolve-host.js';
import { startDnsServer } from '../../support/dns-server.js';
import { inTurns, openDoors, resolverOf, startListener } from './doors.js';

/** Connections that came at the harmless address and at the one inside. */
export interface RaceReport {
  races: number;
  harmless: number;
  inside: number;
}

const RACES = 1000;
const HARMLESS = '127.0.0.2';
const INSIDE = '127.0.0.1';

export type Race = (url: string, name: string, resolve: Resolve, guard: AddressGuard) => Promise<unknown>;

/** Names whose answer changes with every question; the odd ones begin with the address inside. */
export async function rebind(race: Race): Promise<RaceReport> {
  const asked = new Map<string, number>();
  const dns = await startDnsServer(({ name, type }) => {
    if (type !== 'A') return [];
    const nth = asked.get(name) ?? Number(/\d+/.exec(name)?.[0] ?? 0);
    asked.set(name, nth + 1);
    return [nth % 2 === 0 ? HARMLESS : INSIDE];
  });
  const resolve = resolverOf(dns);
  const guard = createAddressGuard([HARMLESS], resolve);
  const listener = await startListener('0.0.0.0');
  const names = Array.from({ length: RACES }, (_, at) => `race-${at}.test`);
  await inTurns(names, (name) => race(`http://${name}:${listener.port}/`, name, resolve, guard));
  await Promise.all([dns.close(), listener.close()]);
  const count = (address: string) => listener.addresses.filter((local) => local === address).length;
  return { races: RACES, harmless: count(HARMLESS), inside: count(INSIDE) };
}

/** The guard of the program. */
export const raceGuarded: Race = async (url, name, _resolve, guard) => {
  const doors = openDoors(guard);
  await doors.try(url);
  // Asked anew, over HTTP and over SMTP: the answer has changed meanwhile.
  await doors.try(url);
  await doors.try(url.replace('http:', 'smtp:').replace(name, `x${name}`));
  doors.close();
};

/** Looks first, and lets the connection look again. */
export const raceNaive: Race = async (url, name, resolve, guard) => {
  const checked = await new Promise<boolean>((done) =>
    guard.lookupFor(80)(name, { all: true }, (error) => done(error === null)),
  );
  if (!checked) return;
  await new Promise<void>((done) => {
    const request = http.get(url, {
      lookup: toLookup(resolve),
      agent: false,
    });
    request
      .once('error', () => done())
      .once('response', (response) => response.resume().once('close', () => done()));
  });
};
