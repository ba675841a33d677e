import { type LookupAddress } from 'node:dns';
import net from 'node:net';
import { type IpRanges, ipRanges } from '../lib/ip-ranges.js';
import { forbiddenWord } from './forbidden-ranges.js';
import { type OwnListener, isOwnListener } from './own-listener.js';
import { type Lookup, type Resolve, createHostResolver, toLookup } from './resolve-host.js';

/** Decides which addresses may be dialled. */
export interface AddressGuard {
  /**
   * Why a literal address (at this port) or a name of this machine may not be dialled, or null. Other names
   * are judged by {@link lookupFor}.
   */
  checkHost(host: string, port?: number): string | null;
  /** Resolves a name and hands out checked addresses only: what is checked is what is dialled. */
  lookupFor(port: number): Lookup;
  /** Puts other open networks in force, after a change of `egress.allow`. */
  setAllowed(allowCidrs: readonly string[]): void;
  /** Where this server itself listens: never dialled, whatever `egress.allow` says. */
  setOwnListener(own: OwnListener | null): void;
  /** Grows with every change: a connection made under an older number is checked anew before it is used again. */
  readonly generation: number;
}

/** The error a refused dial fails with. The message names the host, the network and the cure. */
export class AddressForbiddenError extends Error {
  override readonly name = 'AddressForbiddenError';
  readonly code = 'ERR_ADDRESS_FORBIDDEN';
}

/**
 * A guard that lets only global unicast addresses pass, and the networks of `allowCidrs` (`10.0.0.0/8`,
 * `fd00::/8`, single addresses). `resolve` stands in for the system's resolver in tests.
 * @throws {Error} when an entry of `allowCidrs` is no network; the message says which.
 */
export function createAddressGuard(
  allowCidrs: readonly string[],
  resolve: Resolve = createHostResolver(),
): AddressGuard {
  return new Guard(allowCidrs, resolve);
}

class Guard implements AddressGuard {
  generation = 0;
  #allowed: IpRanges;
  #allowCidrs: readonly string[];
  #own: OwnListener | null = null;
  readonly #resolve: Resolve;

  constructor(allowCidrs: readonly string[], resolve: Resolve) {
    this.#allowed = rangesOf(allowCidrs);
    this.#allowCidrs = allowCidrs;
    this.#resolve = resolve;
  }

  setAllowed(allowCidrs: readonly string[]): void {
    if (allowCidrs.join() === this.#allowCidrs.join()) return;
    this.#allowed = rangesOf(allowCidrs);
    this.#allowCidrs = allowCidrs;
    this.generation += 1;
  }

  setOwnListener(own: OwnListener | null): void {
    this.#own = own;
    this.generation += 1;
  }

  checkHost(host: string, port?: number): string | null {
    const bare = host.replace(/^\[|\]$/g, '');
    if (net.isIP(bare) !== 0) return this.#refusalOf(bare, port);
    // Only a hint for `check`: what the name leads to is judged when it is dialled.
    const isThisMachine = /(^|\.)localhost\.?$/i.test(bare);
    if (!isThisMachine || this.#isAllowed('127.0.0.1') || this.#isAllowed('::1')) return null;
    return this.#refusalOf('127.0.0.1', port);
  }

  lookupFor(port: number): Lookup {
    return toLookup(this.#resolve, (hostname, addresses) => this.#checkAll(hostname, addresses, port));
  }

  /**
   * One forbidden address among several refuses the name: a resolver that mixes inside and outside is
   * either an attack or a mistake. But where the operator opened one of them (`localhost` is 127.0.0.1 and
   * ::1), the others are left aside.
   */
  #checkAll(hostname: string, addresses: LookupAddress[], port: number): LookupAddress[] | Error {
    const refusals = addresses.map(({ address }) => this.#refusalOf(address, port));
    const firstRefusal = refusals.find((refusal) => refusal !== null);
    if (firstRefusal === undefined) return addresses;
    const opened = addresses.filter(({ address }, at) => refusals[at] === null && this.#isAllowed(address));
    if (opened.length > 0) return opened;
    return new AddressForbiddenError(`${hostname} leads to ${firstRefusal}`);
  }

  #refusalOf(address: string, port?: number): string | null {
    const bare = address.replace(/%.*$/, '');
    if (port !== undefined && this.#own !== null && isOwnListener(this.#own, bare, port))
      return `${bare}, where Aftercall itself listens; a delivery to it would come back as an event`;
    const word = forbiddenWord(bare);
    if (word === null || this.#isAllowed(bare)) return null;
    return `${bare}, a forbidden address (${word}); open its network under egress.allow if it is meant`;
  }

  #isAllowed(address: string): boolean {
    return this.#allowed.contains(address);
  }
}

function rangesOf(cidrs: readonly string[]): IpRanges {
  const ranges = ipRanges(cidrs);
  const [wrong] = ranges.invalid;
  if (wrong === undefined) return ranges;
  throw new Error(
    `${JSON.stringify(wrong)} is no network; expected something like 10.0.0.0/8, fd00::/8 or 192.168.1.7`,
  );
}
