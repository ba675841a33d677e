const MIN_MS = 1000;
const MAX_MS = 24 * 60 * 60 * 1000;

/**
 * Milliseconds that a `Retry-After` header asks for, between 1 s and 24 h whatever it says: a date in the
 * past waits a second, a wait of years a day. Null for what is neither seconds nor an HTTP date.
 * `now` is the time the answer came, milliseconds since the epoch.
 */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  const waitMs = /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : httpDate(text) - now;
  return Number.isNaN(waitMs) ? null : Math.ceil(Math.min(Math.max(waitMs, MIN_MS), MAX_MS));
}

/** The three forms of RFC 9110 start with a day's name; `Date.parse` alone would take `1` for the year 2001. */
function httpDate(text: string): number {
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(text)) return NaN;
  return Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
}
