import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { postgres } from '../../src/store/dialect.js';
import { migrationsFor } from '../../src/store/migrations/migrations.js';
import { openPostgresStore, type PostgresStoreOptions } from '../../src/store/postgres/postgres-store.js';
import { type Store, StoreRefusedError, StoreUnavailableError } from '../../src/store/store.js';
import { createDatabase, missingPostgres, type TestDatabase } from '../support/services.js';
import { storeContract } from './store-contract.js';
import { claimAll, newEvent, planned, RECEIVED_AT, updateOf } from './store-fixtures.js';

/** In an order that foreign keys allow. */
const TABLES = [
  ...[
    'needs',
    'links',
    'attempts',
    'deliveries',
    'decisions',
    'events',
    'rule_sets',
    'contacts',
    'settings',
    'alerts',
  ],
  ...['leases', 'processes', 'stops', 'reaches', 'once'],
];
const MINUTE_MS = 60_000;

const missing = await missingPostgres();
const suite = missing === null ? describe : describe.skip;

suite(`on PostgreSQL${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let database: TestDatabase;
  let shared: Store | null = null;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  const ask = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  /** Faster than `truncate`, which makes every table anew. */
  const empty = () => ask(TABLES.map((table) => `delete from ${table}`).join(';'));

  storeContract('postgres', async () => {
    shared ??= await openPostgresStore({ url: database.url });
    await empty();
    return { store: shared, close: () => Promise.resolve() };
  });
  afterAll(() => shared?.close());

  describe('postgres store', () => {
    const opened: Store[] = [];
    const open = async (over: Partial<PostgresStoreOptions> = {}): Promise<Store> => {
      const store = await openPostgresStore({ url: database.url, ...over });
      opened.push(store);
      return store;
    };
    beforeEach(() => open().then(empty));
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });

    describe('with several processes', () => {
      it('stores one of a hundred copies that four of them take in together', async () => {
        const stores = await Promise.all([open(), open(), open(), open()]);
        const event = newEvent();
        const copies = Array.from({ length: 100 }, (_, index) => {
          const { source, eventKind, callId, contentHash } = event;
          return stores[index % 4]!.accept(newEvent({ source, eventKind, callId, contentHash }));
        });
        const statuses = (await Promise.all(copies)).map(({ status }) => status);
        expect(statuses.filter((status) => status === 'accepted')).toHaveLength(1);
        expect(statuses.filter((status) => status === 'duplicate')).toHaveLength(99);
      });

      it('takes in the same few calls and contacts in any order without waiting in a circle', async () => {
        const stores = await Promise.all([open(), open(), open()]);
        const events = Array.from({ length: 300 }, (_, index) =>
          newEvent({
            callId: `call-${index % 17}`,
            contentHash: `content-${index % 34}`,
            contact: `+4312345${index % 7}0`,
          }),
        );
        const shuffled = stores.map((_, nth) =>
          events.toSorted((a, b) => order(a.id, nth) - order(b.id, nth)),
        );
        const answers = await Promise.all(
          stores.flatMap((store, nth) =>
            shuffled[nth]!.map((event, index) =>
              store.accept({ ...event, id: `${nth}-${index}`, deliveries: [planned()] }),
            ),
          ),
        );
        expect(answers).toHaveLength(900);
        const counts = await ask<{ count: number }>('select count(*)::int as count from events');
        expect(counts).toEqual([{ count: 34 }]);
        const revisions = await ask('select call_id, revision from events group by 1, 2 having count(*) > 1');
        expect(revisions).toEqual([]);
      });

      it('never hands out a delivery twice', async () => {
        const stores = await Promise.all([open(), open(), open(), open()]);
        const deliveries = Array.from({ length: 200 }, (_, index) => planned({ action: `a${index}` }));
        await stores[0].accept(newEvent({ deliveries }));
        const claims = Array.from({ length: 40 }, (_, index) =>
          claimAll(stores[index % 4]!, 'sales-slack', 9),
        );
        const ids = (await Promise.all(claims)).flat().map(({ delivery }) => delivery.id);
        expect(ids).toHaveLength(new Set(ids).size);
        for (let rest = await claimAll(stores[0]); rest.length > 0; rest = await claimAll(stores[0]))
          ids.push(...rest.map(({ delivery }) => delivery.id));
        expect(ids.sort()).toEqual(deliveries.map(({ id }) => id).sort());
      });

      it('leaves alone what another holds, and takes up what nobody holds any more', async () => {
        const [one, other] = await Promise.all([open(), open()]);
        await one.accept(newEvent({ deliveries: [planned(), planned({ action: 'b', destination: 'crm' })] }));
        const slots = { 'sales-slack': 1 };
        const [held] = await one.claim({ now: RECEIVED_AT, slots, leaseMs: MINUTE_MS });
        const [left] = await one.claim({ now: RECEIVED_AT, slots: { crm: 1 }, leaseMs: 0 });

        expect(await other.recover(RECEIVED_AT)).toEqual({ count: 1, destinations: ['crm'] });
        expect((await other.findDelivery(held!.delivery.id))?.state).toBe('sending');
        expect((await one.update(updateOf(left!, 'delivered', { outcome: 'delivered' }))).kept).toBe(false);
        const { id, fence } = held!.delivery;
        expect(await one.renew([{ id, fence }], 0)).toEqual([id]);
        expect(await other.recover(RECEIVED_AT)).toEqual({ count: 1, destinations: ['sales-slack'] });
        expect(await one.renew([{ id, fence }], MINUTE_MS)).toEqual([]);
      });

      it('keeps a revision and a claim of what it takes back apart', async () => {
        const [one, other] = await Promise.all([open(), open()]);
        for (let round = 0; round < 30; round += 1) {
          const event = newEvent({ callId: `call-${round}` });
          await one.accept(event);
          const { source, eventKind, callId } = event;
          const revision = newEvent({ source, eventKind, callId, deliveries: [] });
          const [claimed] = await Promise.all([claimAll(one), other.accept(revision)]);
          const stored = await one.findDelivery(event.deliveries[0]!.id);
          expect(stored?.state).toBe(claimed.length > 0 ? 'sending' : 'canceled');
          if (claimed[0]) await one.update(updateOf(claimed[0], 'delivered', { outcome: 'delivered' }));
        }
      });

      it('raises one alert of a cause though all find it at the same time', async () => {
        const stores = await Promise.all([open(), open(), open()]);
        const alert = { entry: 0, destination: 'd', cause: 'c', reason: 'dead', line: 'it died', count: 1 };
        const raised = await Promise.all(
          stores.map((store, index) =>
            store.raiseAlerts({
              alerts: [{ ...alert, id: `a${index}` }],
              now: RECEIVED_AT,
              everyMs: MINUTE_MS,
            }),
          ),
        );
        expect(raised.reduce((sum, count) => sum + count, 0)).toBe(1);
      });
    });

    describe('opening', () => {
      it('makes the schema once, however many start together', async () => {
        const fresh = await createDatabase();
        try {
          const stores = await Promise.all(
            Array.from({ length: 6 }, () => openPostgresStore({ url: fresh.url })),
          );
          await Promise.all(stores.map((store) => store.accept(newEvent())));
          await Promise.all(stores.map((store) => store.close()));
        } finally {
          await fresh.drop();
        }
      });

      const migrations = migrationsFor(postgres);
      const next = {
        ...migrations,
        '9998-next': {
          up: (db: Kysely<unknown>) => sql`create table extra (a int)`.execute(db).then(() => undefined),
        },
      };

      it('refuses an older schema, naming what it lacks and the command', async () => {
        await expect(open({ migrations: next })).rejects.toThrow(StoreRefusedError);
        await expect(open({ migrations: next })).rejects.toThrow(
          /made by an older version; it lacks 9998-next: .*`aftercall migrate apply`/,
        );
      });

      it('refuses a newer schema', async () => {
        await ask(`insert into kysely_migration (name, timestamp) values ('9999-newer', 'now')`);
        try {
          await expect(open()).rejects.toThrow(/made by a newer version \(it has 9999-newer/);
        } finally {
          await ask(`delete from kysely_migration where name = '9999-newer'`);
        }
      });

      it('refuses a database that holds tables of something else, and one that is empty when only reading', async () => {
        const fresh = await createDatabase();
        try {
          await expect(openPostgresStore({ url: fresh.url, readOnly: true })).rejects.toThrow(
            /the database is empty/,
          );
          await expect(openPostgresStore({ url: fresh.url, mustExist: true })).rejects.toThrow(
            /the database is empty/,
          );
          const client = new pg.Client({ connectionString: fresh.url });
          await client.connect();
          await client.query('create table events (a int)');
          await client.end();
          await expect(openPostgresStore({ url: fresh.url })).rejects.toThrow(
            /tables in it that are not Aftercall's/,
          );
        } finally {
          await fresh.drop();
        }
      });

      it('says in one line where it cannot get in, and never with the password', async () => {
        const url = new URL(database.url);
        url.password = 'hunter2-hunter2';
        url.port = '1';
        const refused = openPostgresStore({ url: url.href }).catch((error: Error) => error.message);
        expect(await refused).toMatch(
          /^postgres:\/\/127.0.0.1:1\/aftercall_test_\w+: cannot be reached: .*ECONNREFUSED/,
        );
        expect(await refused).not.toContain('hunter2');
        const nowhere = new URL(database.url);
        nowhere.pathname = '/aftercall_nowhere';
        await expect(openPostgresStore({ url: nowhere.href })).rejects.toThrow(/there is no such database/);
      });

      it.each([['synchronous_commit', /synchronous_commit is off/]])(
        'warns where %s is off, and writes with it on',
        async (setting, expected) => {
          const name = new URL(database.url).pathname.slice(1);
          await ask(`alter database ${name} set ${setting} = off`);
          try {
            const warnings: string[] = [];
            const store = await open({ onWarning: (warning) => warnings.push(warning) });
            expect(warnings.join('\n')).toMatch(expected);
            await store.accept(newEvent());
          } finally {
            await ask(`alter database ${name} reset ${setting}`);
          }
        },
      );

      it('only reads when asked to', async () => {
        const reader = await open({ readOnly: true });
        await expect(reader.accept(newEvent())).rejects.toThrow(StoreUnavailableError);
        expect(await reader.countDeliveries()).toEqual({});
      });
    });

    describe('trouble', () => {
      const endConnections = () =>
        ask(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'aftercall'`);

      it('goes on after the server has ended its connections', async () => {
        const store = await open();
        await store.accept(newEvent());
        await endConnections();
        const deadline = Date.now() + 5_000;
        const again = async (): Promise<string> => {
          for (;;) {
            try {
              return (await store.accept(newEvent())).status;
            } catch (error) {
              if (!(error instanceof StoreUnavailableError) || Date.now() > deadline) throw error;
            }
          }
        };
        expect(await again()).toBe('accepted');
        expect(await store.countDeliveries()).toEqual({ pending: 2 });
      });

      it('fails one bad write of a batch and no other', async () => {
        const store = await open();
        const bad = newEvent({ deliveries: [planned({ id: 'taken' }), planned({ id: 'taken' })] });
        const results = await Promise.allSettled(
          [newEvent(), bad, newEvent()].map((event) => store.accept(event)),
        );
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect(await store.countDeliveries()).toEqual({ pending: 2 });
      });

      it('says it is unavailable while another transaction locks what it needs', async () => {
        const store = await open();
        const other = new pg.Client({ connectionString: database.url });
        await other.connect();
        await other.query('begin');
        await other.query('lock table events in access exclusive mode');
        await expect(store.accept(newEvent())).rejects.toThrow(StoreUnavailableError);
        await other.query('rollback');
        await other.end();
        expect((await store.accept(newEvent())).status).toBe('accepted');
      });
    });
  });
});

/** A different order for each process, the same in every run. */
function order(id: string, nth: number): number {
  let sum = nth * 7919;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 100_003;
  return sum;
}
