import { instantOf, wallTimeOf } from './wall-clock.js';

/**
 * When what is collected at `now` goes out: the end of the stretch of `everyMs` that it falls into, counted from
 * midnight on the clock of the zone. Every process and every later start comes to the same times.
 */
export function nextFlush(now: number, everyMs: number, timezone: string): number {
  const wall = wallTimeOf(now, timezone);
  for (let nth = Math.floor(wall / everyMs) + 1; ; nth += 1) {
    // A stretch that daylight saving swallows ends at the same instant as the one before.
    const flush = instantOf(nth * everyMs, timezone);
    if (flush > now) return flush;
  }
}
