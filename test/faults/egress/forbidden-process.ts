import { execFileSync } from 'node:child_process';
import { type AddressGuard, createAddressGuard } from '../../../src/egress/address-guard.js';
import { startDnsServer } from '../../support/dns-server.js';
import { inTurns, openDoors, resolverOf, startListener } from './doors.js';
import { type RaceReport, raceGuarded, raceNaive, rebind } from './rebinding.js';
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
  rebinding: RaceReport;
  /** The same against a guard that looks first and lets the connection look again. */
  naive: RaceReport;
}

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
  const listener = await startListener('::');
  const arrived = listener.addresses;
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
  const races = { rebinding: await rebind(raceGuarded), naive: await rebind(raceNaive) };
  await Promise.all([dns.close(), listener.close()]);
  return { ranges: counts.length, fewestSpellings: Math.min(...counts), guarded, control, ...races };
}

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

process.stdout.write(JSON.stringify(await main()));
