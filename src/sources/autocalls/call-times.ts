import { DateTime } from 'luxon';
import { type Call } from '../../domain/event.js';
import { type Json } from '../../lib/json.js';

/** Unix times below are seconds, above milliseconds: the border is the year 5138 in one, 1973 in the other. */
const SECONDS_BELOW = 1e11;

/**
 * When a call ended, milliseconds since the epoch: its start and its duration. `finished_at` would be wrong, it
 * moves when the record is edited. A call without a duration was not answered and ended when it began. Null
 * where the start cannot be told.
 */
export function endOfCall(call: Call): number | null {
  const startedAt = timeOf(call.created_at);
  if (startedAt === null) return null;
  const seconds = Number(call.duration ?? 0);
  return startedAt + (Number.isFinite(seconds) && seconds > 0 ? Math.round(seconds * 1000) : 0);
}

/** ISO 8601 as in webhooks, or `YYYY-MM-DD HH:MM:SS` as in the vendor's API; UTC where no zone is named. */
function timeOf(value: Json | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? unixMs(value) : null;
  if (typeof value !== 'string') return null;
  const iso = DateTime.fromISO(value.trim(), { zone: 'utc' });
  const time = iso.isValid ? iso : DateTime.fromSQL(value.trim(), { zone: 'utc' });
  return time.isValid ? time.toMillis() : null;
}

function unixMs(value: number): number {
  return Math.round(Math.abs(value) < SECONDS_BELOW ? value * 1000 : value);
}
