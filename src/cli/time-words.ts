const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `12 s ago`, `in 5 min`, `now`; in whole units, the largest that counts at least two, or one day. */
export function relativeTime(ms: number, now: number): string {
  const words = stretch(Math.abs(ms - now));
  if (words === null) return 'now';
  return ms < now ? `${words} ago` : `in ${words}`;
}

/** Null for less than a second. */
function stretch(ms: number): string | null {
  if (ms < SECOND_MS) return null;
  if (ms < 2 * MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < 2 * HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** `2026-11-23 11:30:05 +01:00`, on the clock of the machine the command runs on. */
export function localTime(ms: number): string {
  const offsetMinutes = -new Date(ms).getTimezoneOffset();
  const local = new Date(ms + offsetMinutes * MINUTE_MS).toISOString();
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${zoneOffset(offsetMinutes)}`;
}

/** Both, for a line of its own. */
export function timeWords(iso: string, now: number): string {
  const ms = Date.parse(iso);
  return `${localTime(ms)} (${relativeTime(ms, now)})`;
}

function zoneOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const [hours, rest] = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0'));
  return `${minutes < 0 ? '-' : '+'}${hours}:${rest}`;
}

/** `84 ms`, `2.3 s` */
export function durationWords(ms: number): string {
  return ms < SECOND_MS ? `${ms} ms` : `${(ms / SECOND_MS).toFixed(1)} s`;
}
