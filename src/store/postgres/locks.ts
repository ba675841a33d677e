import { encodeText } from '../text.js';
import { KEY_SEPARATOR } from './batch.js';
import { type Runner } from './pipeline.js';

/** Taken in the order of their hashes, whichever process takes them, and held until the transaction ends. */
const TAKE = `select pg_advisory_xact_lock(key) from
  (select distinct hashtextextended(name, 0) as key from unnest($1::text[]) as name order by 1) as keys`;

const LOCK_CALL = `select pg_advisory_xact_lock(
  hashtextextended(source || $2 || event_kind || $2 || call_id, 0)) from events where id = $1 and call_id is not null`;

export async function takeLocks(client: Runner, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await client.query({ name: 'take-locks', text: TAKE, values: [keys] });
}

/** Keeps revisions of the event's call from being stored meanwhile; the same key as for accepted events. */
export async function lockCallOfEvent(client: Runner, eventId: string): Promise<void> {
  await client.query({
    name: 'lock-call',
    text: LOCK_CALL,
    values: [encodeText(eventId), KEY_SEPARATOR],
  });
}
