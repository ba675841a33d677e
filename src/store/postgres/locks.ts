import { encodeText } from '../text.js';
import { type Locks } from './batch.js';
import { KEY_SEPARATOR } from './lock-keys.js';
import { type Runner } from './pipeline.js';

/** Taken in the order of their hashes, whichever process takes them, and held until the transaction ends. */
const take = (names: string): string => `select pg_advisory_xact_lock(key) from
  (select distinct hashtextextended(name, 0) as key from (${names}) as names order by 1) as keys`;

const NAMED = 'select unnest($1::text[]) as name';

/** The same keys as for accepted events. */
const LOOKED_UP = `${NAMED}
  union all select source || $4 || event_kind || $4 || call_id from events
    where id = any($2::text[]) and call_id is not null
  union all select scope || $4 || lower(btrim(contact)) from events where id = any($2) and contact is not null
  union all select scope || $4 || lower(btrim(contact)) from deliveries where id = any($3::text[]) and contact is not null`;

export async function takeLocks(client: Runner, { names, eventIds, deliveryIds }: Locks): Promise<void> {
  if (eventIds.length > 0 || deliveryIds.length > 0) {
    const ids = [eventIds.map(encodeText), deliveryIds.map(encodeText)];
    const values = [names, ...ids, KEY_SEPARATOR];
    await client.query({ name: 'look-up-locks', text: take(LOOKED_UP), values });
  } else if (names.length > 0) await client.query({ name: 'take-locks', text: take(NAMED), values: [names] });
}
