const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long, for people: `45 min`, `30 h`, `3 days`; the nearest of each. */
export function lengthText(ms: number): string {
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return ms < 2 * DAY_MS ? `${Math.round(ms / HOUR_MS)} h` : `${Math.round(ms / DAY_MS)} days`;
}

const UNITS: readonly (readonly [ms: number, word: string])[] = [
  [DAY_MS, 'day'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'min'],
  [1000, 's'],
];

/** A length that somebody wrote, not rounded: `1 h`, `90 min`, `50 h`, `14 days`. */
export function writtenLength(ms: number): string {
  const [unitMs, word] = UNITS.find(([unit]) => ms >= unit && ms % unit === 0) ?? [1, 'ms'];
  const amount = ms / unitMs;
  return `${amount} ${word}${word === 'day' && amount !== 1 ? 's' : ''}`;
}
