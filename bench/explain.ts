import { performance } from 'node:perf_hooks';
import pg, { type Client } from 'pg';
import { DEFAULT_CONTACT_LIMITS } from '../src/domain/contact-limits.js';
import { ORDINARY, type PlannedDelivery } from '../src/domain/delivery.js';
import { DEFAULT_CONTACT_HOURS } from '../src/domain/quiet-hours.js';
import { newId } from '../src/lib/ids.js';
import { compilerFor } from '../src/store/compiler.js';
import { postgres } from '../src/store/dialect.js';
import { clientConfig } from '../src/store/postgres/connection.js';
import { locksOf } from '../src/store/postgres/batch.js';
import { takeLocks } from '../src/store/postgres/locks.js';
import { type Runner, runWork } from '../src/store/postgres/pipeline.js';
import { openPostgresStore } from '../src/store/postgres/postgres-store.js';
import { buildQueries } from '../src/store/queries/queries.js';
import { performRead, type Read } from '../src/store/reads.js';
import { type Database } from '../src/store/schema.js';
import {
  type ContactFactsRequest,
  type NewEvent,
  type PruneRequest,
  type ReachRequest,
} from '../src/store/store.js';
import { all } from '../src/store/work.js';
import { performWrite, type Write } from '../src/store/writes.js';
import { createDatabase } from '../test/support/services.js';
import { PER_EVENT, type Span, fill, lastAt, prepareFilling } from './fill-store.js';
import { type Asked, type Plan, explain, recording } from './plan.js';
import { type Row, formatColumns } from './table.js';

/** Numbers of deliveries, ascending, with commas between. */
const SIZES = (process.env.BENCH_DELIVERIES ?? '1000000').split(',').map(Number);
/** The server settles on a plan for a prepared statement after five runs of it. */
const WARM_UP = 6;
const TIMES = 9;
const PAGE = 50;

const compiler = compilerFor<Database>('postgres');
const queries = buildQueries(compiler, postgres);

/** What the program asks of a store, in one transaction that is rolled back. */
interface Question {
  what: string;
  ask: (runner: Runner) => Promise<unknown>;
}

interface Measured {
  what: string;
  ms: number;
  plans: Plan[];
}

/** The program's own statements on a large PostgreSQL store: how long they take, and by which indexes. */
export async function benchExplain(): Promise<Row[]> {
  const database = await createDatabase();
  const client = new pg.Client({ ...clientConfig({ url: database.url }), pipeline: true });
  try {
    await (await openPostgresStore({ url: database.url })).close();
    await client.connect();
    await prepareFilling(client);
    const measured: Measured[][] = [];
    let from = 0;
    for (const size of SIZES) {
      const span = { from, to: Math.round(size / PER_EVENT) };
      await timed(`filling up to ${size} deliveries`, () => fill(client, span));
      measured.push(await measureAll(client, span, size));
      from = span.to;
    }
    print(measured);
    process.stdout.write(`${await describeTables(client)}\n`);
    return [];
  } finally {
    await client.end().catch(() => undefined);
    await timed('dropping the database', () => database.drop());
  }
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  await work();
  process.stderr.write(`${what} took ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
}

async function measureAll(client: Client, span: Span, size: number): Promise<Measured[]> {
  process.stdout.write(`\n${size} deliveries\n`);
  const measured: Measured[] = [];
  for (const question of await questions(client, span)) {
    const one = await measure(client, question);
    const lines = one.plans.flatMap(({ lines: of }) => of.map((line) => `  ${line}`));
    process.stdout.write(`${one.what}: ${one.ms.toFixed(2)} ms\n${lines.join('\n')}\n`);
    measured.push(one);
  }
  return measured;
}

/** Each run in a transaction of its own; what beginning and rolling back take is not counted. */
async function measure(client: Client, { what, ask }: Question): Promise<Measured> {
  const times: number[] = [];
  const { runner, asked } = recording(client);
  for (let run = 0; run < WARM_UP + TIMES; run += 1) {
    asked.length = 0;
    await client.query('begin');
    const startedAt = performance.now();
    await ask(runner);
    times.push(performance.now() - startedAt);
    await client.query('rollback');
  }
  const sorted = times.slice(WARM_UP).sort((a, b) => a - b);
  return { what, ms: sorted[Math.floor(TIMES / 2)] ?? NaN, plans: await plansOf(client, asked) };
}

/** Of each text the first, all in one transaction, since later ones build on earlier ones. Inserts have no plan worth a look. */
async function plansOf(client: Client, asked: readonly Asked[]): Promise<Plan[]> {
  const plans = new Map<string, Plan>();
  await client.query('begin');
  for (const one of asked) {
    const plan = await explain(client, one);
    if (!plans.has(one.text) && !/^insert|pg_advisory/i.test(one.text)) plans.set(one.text, plan);
  }
  await client.query('rollback');
  return [...plans.values()];
}

const read = (what: string, asked: Read): Question => ({
  what,
  ask: (runner) => runWork(runner, performRead(compiler, queries, asked)),
});

const write = (what: string, asked: Write): Question => ({
  what,
  ask: async (runner) => {
    await takeLocks(runner, locksOf([asked]));
    return runWork(runner, performWrite(compiler, queries, asked));
  },
});

async function questions(client: Client, span: Span): Promise<Question[]> {
  const now = lastAt(span);
  const middle = await exampleOf(client, Math.floor((span.to * PER_EVENT) / 2));
  const held = await heldExample(client);
  const page = { limit: PAGE };
  const ofCall = { source: 'autocalls', eventKind: 'call', callId: middle.callId };
  const deliveries = (what: string, filter: object): Question =>
    read(`deliveries, ${what}`, { get: 'deliveries', filter: { ...filter, ...page } });
  const events = (what: string, filter: object): Question =>
    read(`events, ${what}`, { get: 'events', filter: { ...filter, ...page } });
  return [
    { what: 'is a call known', ask: (runner) => runWork(runner, all(queries.revisionsOfCall, ofCall)) },
    write('accept a call with 3 deliveries', { do: 'accept', event: newCall(now) }),
    write('accept a follow-up that may wait already', { do: 'accept', event: newFollowUp(now, middle) }),
    write('accept a stop', { do: 'accept', event: newStop(now, middle) }),
    write('ask whether a contact may be reached', { do: 'reach', request: reachOf(held, middle, now) }),
    write('gather a digest', { do: 'gatherDigest', id: held.id, fence: held.fence, now }),
    read('facts about a contact', { get: 'contactFacts', request: factsOf(middle, now) }),
    read('where a call comes from', { get: 'chain', deliveryId: middle.id }),
    write(`claim ${PAGE} of a destination`, { do: 'claim', request: claimOf('destination-3', now) }),
    write(`claim ${PAGE}, ordered among them`, { do: 'claim', request: claimOf('destination-1', now) }),
    write('take up what a dead process left', { do: 'recover', now }),
    write('remove 20 old calls', { do: 'prune', request: pruneOf(middle.at) }),
    read('destinations with something due', { get: 'dueDestinations', dueBefore: now }),
    read('time of the next delivery', { get: 'nextDueAt' }),
    deliveries('newest page', {}),
    deliveries('page after one in the middle', { after: middle.id }),
    deliveries('dead', { state: 'dead' }),
    deliveries('of a common rule', { rule: 'rule-7' }),
    deliveries('of a rare rule', { rule: 'rare-rule' }),
    deliveries('to a common destination', { destination: 'destination-3' }),
    deliveries('to a rare destination', { destination: 'rare-destination' }),
    deliveries('to a contact', { contact: middle.contact }),
    deliveries('dead of a common rule', { state: 'dead', rule: 'rule-7' }),
    deliveries('dead of a seldom rule', { state: 'dead', rule: 'seldom-rule' }),
    deliveries('dead of a rare rule', { state: 'dead', rule: 'rare-rule' }),
    deliveries('dead to a rare destination', { state: 'dead', destination: 'rare-destination' }),
    deliveries('pending to a rare destination', { state: 'pending', destination: 'rare-destination' }),
    deliveries('of an hour in the middle', { since: middle.at, until: middle.at + 3_600_000 }),
    events('newest page', {}),
    events('page after one in the middle', { after: middle.eventId }),
    events('of a call id', { callId: middle.callId }),
    events('of a contact', { contact: middle.contact }),
    events('of a common rule', { rule: 'rule-7' }),
    events('of a seldom rule', { rule: 'seldom-rule' }),
    events('of a rare rule', { rule: 'rare-rule' }),
    events('with a dead delivery', { state: 'dead' }),
    events('with a delivery to a rare destination', { destination: 'rare-destination' }),
    read('trouble of a minute', { get: 'trouble', since: now - 60_000, until: now }),
    read('count of each state', { get: 'countDeliveries' }),
    read('count of the dead of a rule', { get: 'countMatching', filter: { state: 'dead', rule: 'rule-7' } }),
  ];
}

const claimOf = (destination: string, now: number) => ({
  now,
  slots: { [destination]: PAGE },
  leaseMs: 15_000,
});

const pruneOf = (before: number): PruneRequest => ({
  ...{ eventsBefore: before, bodiesBefore: null, reachesBefore: null, now: before, limit: 20, after: null },
});

function newCall(now: number): NewEvent {
  const rules = ['rule-1', 'rule-2', 'rule-3'];
  return {
    ...{
      id: newId(),
      source: 'autocalls',
      eventKind: 'call',
      callId: '99',
      contentHash: 'a',
      intent: 'call',
    },
    ...{ receivedAt: now, scope: '', contact: '+15550000042', labels: {}, contentType: null, problems: [] },
    ...{ raw: Buffer.alloc(2_000, 'x'), ruleSet: 'rules' },
    ...{ cause: null, root: null, result: { status: 'completed', isMissed: false } },
    decisions: rules.map((rule) => ({ rule, verdict: 'fired', shadow: false, because: [] })),
    deliveries: rules.map((rule) => ({
      ...{
        id: newId(),
        rule,
        action: 'forward',
        destination: 'destination-1',
        kind: 'http',
        operation: 'send',
      },
      ...{
        state: 'pending',
        reason: null,
        dueAt: now,
        onRevision: 'refresh',
        ordered: false,
        input: null,
        needs: [],
        ...ORDINARY,
      },
    })),
  };
}

/** A call of a contact, with one delivery of its own. */
function followUpOf(now: number, { contact }: Example, over: Partial<PlannedDelivery>): NewEvent {
  const call = newCall(now);
  const [first] = call.deliveries;
  if (first === undefined) throw new Error('a new call has deliveries');
  return { ...call, contact, deliveries: [{ ...first, ...over }] };
}

const newFollowUp = (now: number, example: Example): NewEvent =>
  followUpOf(now, example, {
    ...{ rule: 'rule-7', onRepeat: 'skip', once: { key: example.contact, perMs: 1_000 } },
    dueAt: now + 1_000,
  });

const newStop = (now: number, example: Example): NewEvent =>
  followUpOf(now, example, { operation: 'contact.stop', state: 'delivered' });

const reachOf = ({ id, fence }: Held, { contact, eventId }: Example, now: number): ReachRequest => ({
  ...{ id, fence, input: '{}', scope: '', contacts: [contact], chain: { root: eventId, max: 3 } },
  question: {
    ...{ now, channel: 'sms', zone: { zones: ['UTC'], from: 'source' }, country: null, windows: [] },
    ...{ hours: DEFAULT_CONTACT_HOURS, limits: DEFAULT_CONTACT_LIMITS, consent: 'not_required' },
    ...{ endedAt: null, receivedAt: now },
  },
});

const factsOf = ({ contact }: Example, now: number): ContactFactsRequest => ({
  ...{ scope: '', contact, now, windowsMs: [86_400_000], except: null },
});

/** Being sent, not rendered, and one of a digest. */
interface Held {
  id: string;
  fence: number;
}

async function heldExample(client: Client): Promise<Held> {
  const { rows } = await client.query<Held>(`update deliveries set input = null, digest_key = 'all'
    where seq = (select min(seq) from deliveries where state = 'sending') returning id, fence`);
  if (rows[0] === undefined) throw new Error('nothing is being sent');
  return rows[0];
}

interface Example {
  id: string;
  at: number;
  contact: string;
  eventId: string;
  callId: string;
}

async function exampleOf(client: Client, nth: number): Promise<Example> {
  const { rows } = await client.query<Example>(
    `select deliveries.id, created_at as at, deliveries.contact, event_id as "eventId", call_id as "callId"
      from deliveries join events on events.id = event_id where deliveries.seq = $1`,
    [nth],
  );
  if (rows[0] === undefined) throw new Error('the store was not filled');
  return rows[0];
}

function print(measured: readonly Measured[][]): void {
  const last = measured.at(-1) ?? [];
  const lines = last.map(({ what, plans }, nth) => [
    what,
    ...measured.map((of) => describe(of[nth])),
    [...new Set(plans.flatMap(({ indexes }) => indexes))].join(', '),
    [...new Set(plans.flatMap(({ doubts }) => doubts))].join('; '),
  ]);
  const sizes = SIZES.map((size) => `ms (pages) at ${size.toLocaleString('en')}`);
  process.stdout.write(`\n${formatColumns(['query', ...sizes, 'indexes', 'grows'], lines)}\n\n`);
}

/** Pages do not depend on who else uses the machine. Each statement counts once, however often it is run. */
function describe(measured: Measured | undefined): string {
  const { ms = NaN, plans = [] } = measured ?? {};
  return `${ms.toFixed(2)} (${plans.reduce((sum, { pages }) => sum + pages, 0)})`;
}

/** How large tables and indexes are, with the bytes for each row. */
async function describeTables(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string; mb: string; each: string }>(`
    select c.relname as name, round(pg_relation_size(c.oid) / 1e6) as mb,
      round(pg_relation_size(c.oid) / greatest(coalesce(t.reltuples, c.reltuples), 1)::numeric) as each
    from pg_class c left join pg_index i on i.indexrelid = c.oid left join pg_class t on t.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i') and pg_relation_size(c.oid) > 1e6
    order by coalesce(t.relname, c.relname), c.relkind desc, c.relname`);
  return formatColumns(
    ['table or index', 'MB', 'bytes for each row'],
    rows.map(({ name, mb, each }) => [name, mb, each]),
  );
}
