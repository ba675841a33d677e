/**
 * How much each lane asks for where permits are shared: one at first, twice as much whenever it got all that it asked
 * for, and one again when there was less. Who asked for all its slots would keep the others from theirs while it
 * finds out that a single delivery is due.
 */
export class Appetite {
  readonly #asks = new Map<string, number>();

  /** @param room how many could begin now */
  of(name: string, room: number): number {
    return Math.min(room, this.#asks.get(name) ?? 1);
  }

  /** @param asked as {@link of} said; `gotAll`: so many were due, and there may be more */
  fed(name: string, asked: number, gotAll: boolean): void {
    if (gotAll) this.#asks.set(name, asked * 2);
    else this.#asks.delete(name);
  }
}
