import { type Client } from 'pg';

/** One delivery in so many has the rare rule, and another one the rare destination; more have the seldom rule. */
const RARE = 100_000;
const SELDOM = 5_000;
const CONTACTS = 1_000_000;
export const PER_EVENT = 3;
/** Ten million deliveries over the 90 days of the default retention. */
export const STEP_MS = (90 * 86_400_000) / (10_000_000 / PER_EVENT);
export const STARTED_AT = 1_760_000_000_000;
/** What is being sent does not grow with the table. */
const SENDING = 200;
const LEASES_ENDED = 20;

/** A number from 0 to `below - 1` that depends on `of` and on nothing else. */
const spread = (of: string, seed: number, below: number): string =>
  `((hashint8extended(${of}, ${seed}) & 9007199254740991) % ${below})`;

/** Like the ids that the program makes: those made later sort later. */
const id = (ms: string, number: string): string =>
  `substr(lpad(to_hex(${ms}), 12, '0'), 1, 8) || '-' || substr(lpad(to_hex(${ms}), 12, '0'), 9) || '-7000-8000-' ||
    lpad(to_hex(${number}), 12, '0')`;

const at = (event: string): string => `(${STARTED_AT} + ${event} * ${STEP_MS})::bigint`;
const contact = (event: string): string => `'+1555' || lpad(${spread(event, 1, CONTACTS)}::text, 7, '0')`;
const rule = (delivery: string): string =>
  `case when ${delivery} % ${RARE} = 7 then 'rare-rule' when ${delivery} % ${SELDOM} = 11 then 'seldom-rule' else 'rule-' || ${spread(delivery, 2, 199)} end`;
const destination = (delivery: string): string =>
  `case when ${delivery} % ${RARE} = 5 then 'rare-destination' else 'destination-' || ${spread(delivery, 2, 199)} % 19 end`;
/** 96 % delivered, 1 % dead, 0.2 % held, the rest pending. */
const state = (delivery: string): string =>
  `case when ${spread(delivery, 3, 1000)} < 960 then 'delivered' when ${spread(delivery, 3, 1000)} < 970 then 'dead'
    when ${spread(delivery, 3, 1000)} < 972 then 'held' else 'pending' end`;

/** Which events a filled store holds: numbers `from` to `to - 1`. */
export interface Span {
  from: number;
  to: number;
}

export const lastAt = ({ to }: Span): number => Math.round(STARTED_AT + (to - 1) * STEP_MS);

/**
 * Makes filling quick: nothing of the big tables goes to the WAL, which changes no plan. They are vacuumed when they are
 * full, and not while they are measured.
 */
export async function prepareFilling(client: Client): Promise<void> {
  await client.query(
    `set synchronous_commit = off; set maintenance_work_mem = '1GB'; set statement_timeout = 0; set lock_timeout = 0`,
  );
  for (const table of ['attempts', 'needs', 'decisions', 'deliveries', 'events', 'contacts', 'reaches'])
    await client.query(`alter table ${table} set unlogged, set (autovacuum_enabled = off)`);
  await client.query(`insert into contacts select '', '+1555' || lpad(i::text, 7, '0'), ${STARTED_AT}, ${STARTED_AT}
    from generate_series(0, ${CONTACTS - 1}) as i`);
}

/** Adds events with their decisions and deliveries, without a look at foreign keys; makes the indexes afterwards. */
export async function fill(client: Client, span: Span): Promise<void> {
  const indexes = await dropIndexes(client);
  await client.query('set session_replication_role = replica');
  await client.query(insertEvents(span));
  await client.query(insertDecisions(span));
  await client.query(insertDeliveries(span));
  await client.query(insertReaches(span));
  await client.query('set session_replication_role = origin');
  for (const index of indexes) await client.query(index);
  await markSending(client);
  await client.query('vacuum analyze');
}

/** Those that no constraint needs. Answers what makes them again. */
async function dropIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; made: string }>(`
    select indexname as name, indexdef as made from pg_indexes
    where schemaname = 'public' and tablename in ('events', 'decisions', 'deliveries', 'reaches')
      and not exists (select 1 from pg_constraint where conname = indexname)`);
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ made }) => made);
}

const insertEvents = ({ from, to }: Span): string => `
  insert into events (id, source, event_kind, call_id, content_hash, revision, status, received_at, scope, contact,
    labels, content_type, problems, rule_set, raw)
  select ${id(at('i'), 'i')}, 'autocalls', 'call', (100000000000 + i)::text, md5(i::text), 1, 'accepted', ${at('i')}, '',
    ${contact('i')}, '{}', 'application/json', '[]', 'rules', '\\x7b7d'
  from generate_series(${from}::bigint, ${to - 1}) as i`;

/** Of each delivery the rule that fired, and one that was undecided. */
const insertDecisions = ({ from, to }: Span): string => `
  insert into decisions (event_id, position, rule, verdict, shadow, because)
  select ${id(at('i'), 'i')}, j, ${rule(`(i * ${PER_EVENT} + j)`)}, case when j < ${PER_EVENT} then 'fired' else 'undecided' end, 0, '[]'
  from generate_series(${from * (PER_EVENT + 1)}::bigint, ${to * (PER_EVENT + 1) - 1}) as m,
    lateral (select m / ${PER_EVENT + 1} as i, m % ${PER_EVENT + 1} as j) as of_event`;

/** The first delivery of every event has reached its contact; one in three counts for a chain. */
const insertReaches = ({ from, to }: Span): string => `
  insert into reaches (delivery_id, scope, contact, channel, at, root)
  select ${id(at('i'), `(i * ${PER_EVENT})`)}, '', ${contact('i')}, 'sms', ${at('i')},
    case when i % 3 = 0 then ${id(at('i'), 'i')} end
  from generate_series(${from}::bigint, ${to - 1}) as i`;

/** Four in ten of those that are pending are due, the others are follow-ups; one rule in twenty is ordered, few are digests. */
const insertDeliveries = ({ from, to }: Span): string => `
  insert into deliveries (id, event_id, rule, action, destination, kind, operation, state, due_at, on_revision, scope,
    contact, attempt_count, charged_count, rule_set, fence, last_outcome, created_at, updated_at, input, ordered, channel,
    digest_key)
  select ${id('t', 'n')}, ${id('t', 'i')}, ${rule('n')}, 'forward', ${destination('n')}, 'http', 'send', ${state('n')},
    t + case when ${spread('n', 4, 10)} < 4 then 0 else 200 * 86400000::bigint end, 'refresh', '', ${contact('i')}, 1, 1, 'rules', 1,
    null, t, t + 1500, '{"text":"' || repeat('x', 100) || '"}', (${spread('n', 2, 199)} % 20 = 0)::int,
    case when n % ${PER_EVENT} = 0 then 'sms' end, case when n % 1000 = 1 then 'all' end
  from generate_series(${from * PER_EVENT}::bigint, ${to * PER_EVENT - 1}) as n,
    lateral (select n / ${PER_EVENT} as i, ${at(`(n / ${PER_EVENT})`)} as t) as of_event`;

/** The newest that are pending; the leases of a few have ended. */
async function markSending(client: Client): Promise<void> {
  await client.query(`update deliveries set state = 'delivered', lease_until = null where state = 'sending'`);
  await client.query(`update deliveries set state = 'sending', lease_until = case when nth <= ${LEASES_ENDED} then 1 else 9e15 end
    from (select seq as of_seq, row_number() over () as nth from deliveries where state = 'pending'
      order by created_at desc limit ${SENDING}) as newest
    where seq = of_seq`);
}
