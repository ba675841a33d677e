import { type Clock } from '../../../src/lib/clock.js';
import { type Control } from './plan.js';

/** A clock that runs like the system's and can be put forward and back. */
export class StruckClock implements Clock {
  #offsetMs = 0;

  constructor(
    private readonly control: Control | undefined,
    startAt: number | undefined,
  ) {
    if (startAt !== undefined) this.#offsetMs = startAt - Date.now();
  }

  now(): number {
    const now = Date.now() + this.#offsetMs;
    return this.control === 'local-time' ? now - new Date(now).getTimezoneOffset() * 60_000 : now;
  }

  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }
}
