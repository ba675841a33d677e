import { randomBytes } from 'node:crypto';
import { type PermitName } from './redis-limits.js';

interface Held extends PermitName {
  /** Redis knows it: it came from there, or was registered since. */
  isKnown: boolean;
}

/** The permits that this process holds. */
export class HeldPermits {
  /** Begins the name of each of them; nobody else has the same. */
  readonly holder = randomBytes(9).toString('base64url');
  #count = 0;
  readonly #held = new Map<string, Held>();

  /** Reserves names for `count` permits; answers the number of the first. */
  number(count: number): number {
    this.#count += count;
    return this.#count - count;
  }

  names(destination: string, first: number, count: number): PermitName[] {
    return Array.from({ length: count }, (_, i) => ({ destination, id: `${this.holder}-${first + i}` }));
  }

  add({ id, destination }: PermitName, isKnown: boolean): void {
    this.#held.set(id, { id, destination, isKnown });
  }

  /** Null: it is not held, or no longer. */
  take(id: string): Held | null {
    const held = this.#held.get(id) ?? null;
    this.#held.delete(id);
    return held;
  }

  /** Redis has been told of all. */
  known(): void {
    for (const held of this.#held.values()) held.isKnown = true;
  }

  all(): PermitName[] {
    return [...this.#held.values()];
  }

  countOf(destination: string): number {
    let count = 0;
    for (const held of this.#held.values()) if (held.destination === destination) count += 1;
    return count;
  }
}
