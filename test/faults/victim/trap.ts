import { type KillPoint, type Strike } from './plan.js';

/** Strikes this process the nth time that it comes to one point. */
export class Trap {
  #left: number;
  /** True from the moment of the stroke; only a stopped process lives to see it. */
  sprung = false;

  constructor(private readonly strike: Strike | undefined) {
    this.#left = strike?.nth ?? Infinity;
  }

  get takesNothing(): boolean {
    return this.sprung && this.strike?.thenIdle === true;
  }

  isAt(point: KillPoint): boolean {
    return this.strike?.point === point && !this.sprung;
  }

  /** Counts one coming to the point; the signal arrives before this returns. */
  reach(point: KillPoint): void {
    if (this.strike === undefined || !this.isAt(point)) return;
    this.#left -= 1;
    if (this.#left > 0) return;
    this.sprung = true;
    process.kill(process.pid, this.strike.signal);
  }
}
