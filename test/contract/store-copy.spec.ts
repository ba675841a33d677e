import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DEFAULT_CONTACT_HOURS } from '../../src/domain/quiet-hours.js';
import { type CopyDatabase } from '../../src/store/copy-database.js';
import { copyStore, type CopyOptions, type CopyReport } from '../../src/store/copy-store.js';
import { postgres, sqlite } from '../../src/store/dialect.js';
import { migrationsFor } from '../../src/store/migrations/migrations.js';
import { openSourceDatabase, openTargetDatabase } from '../../src/store/postgres/copy-database.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { openSourceFile, openTargetFile } from '../../src/store/sqlite/copy-database.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { type Store } from '../../src/store/store.js';
import { createDatabase, missingPostgres, type TestDatabase } from '../support/services.js';
import { claimAll, newEvent, planned, RECEIVED_AT, revisionOf, updateOf } from './store-fixtures.js';

const HOUR_MS = 3_600_000;
const NASTY = 'a\u0000b \ud800 \u0001 "\\{},NULL ünï 🙂';
const CALLS = 30;
/** Several pages of every table. */
const SMALL = { rows: 7, bytes: 2_000 };

const missing = await missingPostgres();
const suite = missing === null ? describe : describe.skip;

suite(`copying a store${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let dir: string;
  let full: string;
  let file: string;
  let database: TestDatabase;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'aftercall-copy-'));
    full = join(dir, 'full.db');
    const store = await openSqliteStore({ file: full, thread: false });
    await fill(store);
    await store.close();
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  let lastFile = 0;
  beforeEach(async () => {
    file = join(dir, `${(lastFile += 1)}.db`);
    const db = new Database(full);
    await db.backup(file);
    db.close();
    database = await createDatabase();
  });
  afterEach(() => database.drop());

  const source = () => Promise.resolve(openSourceFile(file, migrationsFor(sqlite)));
  const target = () => openTargetDatabase(database.url, migrationsFor(postgres));
  const copy = (over: Partial<CopyOptions> = {}) => between(source, target, { page: SMALL, ...over });
  const change = (sql: string) => {
    const db = new Database(file);
    db.exec(sql);
    db.close();
  };
  const ask = async (text: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };

  it('makes everything the same, whatever stands in it', async () => {
    const report = await copy();
    expect(report).toMatchObject({ isVerified: true, isResumed: false });
    const rows = new Map(report.tables.map((table) => [table.table, table.rows]));
    expect([...rows.values()].every((count) => count > 0)).toBe(true);
    for (const { checksums } of report.tables) expect(checksums.source).toBe(checksums.target);

    const [ours, theirs] = [
      await openSqliteStore({ file, thread: false, readOnly: true }),
      await openPostgresStore({ url: database.url }),
    ];
    try {
      for (const look of LOOKS) expect(await look(theirs)).toEqual(await look(ours));
      expect(await theirs.findSettings('heartbeat')).toEqual({});
    } finally {
      await Promise.all([ours.close(), theirs.close()]);
    }
  });

  it('gives a store that lives on: what was pending, sending or comes anew', async () => {
    const waiting = await countPending(file);
    await copy();
    const store = await openPostgresStore({ url: database.url });
    try {
      const recovered = await store.recover(RECEIVED_AT);
      expect(recovered.count).toBe(1);
      let sent = 0;
      const claim = () =>
        store.claim({ now: RECEIVED_AT + HOUR_MS, slots: { 'sales-slack': 100 }, leaseMs: 0 });
      for (let claimed = await claim(); claimed.length > 0; claimed = await claim()) {
        for (const one of claimed)
          expect((await store.update(updateOf(one, 'delivered', { outcome: 'delivered' }))).kept).toBe(true);
        sent += claimed.length;
      }
      expect(sent).toBe(waiting + recovered.count);
      const first = newEvent({ receivedAt: RECEIVED_AT + HOUR_MS });
      expect((await store.accept(first)).status).toBe('accepted');
      const [newest] = await store.listEvents({ source: 'autocalls', limit: 1 });
      expect(newest?.id).toBe(first.id);
      expect((await claimAll(store))[0]?.event.id).toBe(first.id);
    } finally {
      await store.close();
    }
  });

  it('goes on after a kill, and nobody can use the target before it is whole', async () => {
    const child = spawn(
      process.execPath,
      ['--no-warnings', '--import', './test/support/register-ts.mjs', 'test/contract/copy-process.ts'].concat(
        file,
        database.url,
      ),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    for await (const data of child.stdout) {
      said += String(data);
      if (/^copy deliveries [1-9]/m.test(said)) break;
    }
    child.kill('SIGKILL');
    await once(child, 'close');
    const [{ count }] = (await ask('select count(*)::int as count from deliveries')) as [{ count: number }];
    expect(count).toBeGreaterThan(0);

    await expect(openPostgresStore({ url: database.url })).rejects.toThrow(
      /: a copy of sqlite:.*\.db into this database is unfinished; run the same `aftercall store copy` again/,
    );
    const report = await copy();
    expect(report).toMatchObject({ isVerified: true, isResumed: true });
    const of = (name: string) => report.tables.find(({ table }) => table === name);
    expect(of('events')?.copied).toBe(0);
    expect(of('deliveries')?.copied).toBe((of('deliveries')?.rows ?? 0) - count);
    await (await openPostgresStore({ url: database.url })).close();
  });

  describe('finds what is not the same:', () => {
    const stopAt = (table: string) => (progress: { step: string; table: string }) => {
      if (progress.table === table) throw new Error('stopped');
    };
    const stopped = async () => {
      await expect(copy({ onProgress: stopAt('alerts') })).rejects.toThrow('stopped');
    };

    it.each([
      [
        'a row that was changed',
        "update contacts set first_seen_at = 1 where phone = '+15550100'",
        'differs',
      ],
      [
        'a row that came in between',
        "insert into contacts values ('', '+10', 1, 2)",
        'is missing in the target',
      ],
      ['a row that is gone', "delete from contacts where phone = '+15550100'", 'is not in the source'],
    ])('%s', async (_, sql, problem) => {
      await stopped();
      change(sql);
      const report = await copy();
      expect(report.isVerified).toBe(false);
      const different = report.tables.filter(({ difference }) => difference !== null);
      expect(different).toMatchObject([{ table: 'contacts', difference: { problem } }]);
      expect(different[0]?.difference?.key).toMatch(/^\w*, …\d\d$/);
      await expect(openPostgresStore({ url: database.url })).rejects.toThrow(/unfinished/);
    });

    it('a byte of a body, by the key of its event', async () => {
      await stopped();
      await copy({ onProgress: stopAt('decisions') }).catch(() => undefined);
      await ask("update events set raw = 'x' where seq = 3");
      const { tables } = await copy();
      const events = tables.find(({ table }) => table === 'events');
      expect(events).toMatchObject({ rows: 2, difference: { key: '3', problem: 'differs' } });
    });
  });

  describe('refuses', () => {
    it('a target that holds something else, and leaves it as it is', async () => {
      const store = await openPostgresStore({ url: database.url });
      await store.settle('admin.token', 'one of its own');
      await store.close();
      await expect(copy()).rejects.toThrow(
        /postgres:.*: there are settings in it that were not copied from sqlite:.*; take an empty database/,
      );
      await (await openPostgresStore({ url: database.url })).close();
    });

    it('a target with an unfinished copy of another source, or with one that is done', async () => {
      await copy();
      await expect(copy()).rejects.toThrow(
        /a copy of sqlite:.* was finished in it on .*take an empty database/,
      );
      await ask("update settings set key = 'copy.source' where key = 'copy.done'");
      change("update events set content_hash = 'other' where seq = 1");
      await expect(copy()).rejects.toThrow(
        /an unfinished copy of sqlite:.* is another source or has changed/,
      );
    });

    it('a source that a server works on', async () => {
      const store = await openSqliteStore({ file, thread: false });
      try {
        await expect(copy()).rejects.toThrow(/\.db: a server is running on this database; stop it first/);
      } finally {
        await store.close();
      }
    });

    it('a target that a server works on', async () => {
      const store = await openPostgresStore({ url: database.url });
      try {
        await store.beat({
          ...{
            id: 'p1',
            role: 'worker',
            host: 'node-1',
            version: '1',
            ruleSet: 'r',
            startedAt: 1,
            lanes: [],
          },
        });
        await expect(copy()).rejects.toThrow(/a server is running on this database \(worker on node-1\)/);
        await store.signOff('p1');
        expect(await copy()).toMatchObject({ isVerified: true });
      } finally {
        await store.close();
      }
    });

    it('a second copy at the same time', async () => {
      const other = await target();
      await expect(target()).rejects.toThrow(/another copy into this database is running/);
      await other.close();
    });

    it('a source of an older schema, naming what to do', () => {
      const older = join(dir, 'older.db');
      const db = new Database(older);
      db.exec(
        "create table kysely_migration (name text, timestamp text); insert into kysely_migration values ('0001-start', '')",
      );
      db.close();
      expect(() => openSourceFile(older, migrationsFor(sqlite))).toThrow(
        /made by an older version; .*`aftercall migrate apply`/,
      );
      expect(() => openSourceFile(join(dir, 'none.db'), migrationsFor(sqlite))).toThrow(/no such database/);
    });
  });

  it('goes back to a file, and to another database', async () => {
    await copy();
    const second = await createDatabase();
    const back = join(dir, `back-${lastFile}.db`);
    try {
      const from = () => openSourceDatabase(database.url, migrationsFor(postgres));
      const forth = await between(from, () => openTargetDatabase(second.url, migrationsFor(postgres)), {});
      const home = await between(from, () => openTargetFile(back, migrationsFor(sqlite)), { page: SMALL });
      expect([forth.isVerified, home.isVerified]).toEqual([true, true]);
      const checksums = ({ tables }: CopyReport) => tables.map((table) => table.checksums);
      expect(checksums(forth)).toEqual(checksums(home));
    } finally {
      await second.drop();
    }
  });

  it('leaves an unfinished file that no server starts on', async () => {
    const unfinished = join(dir, `unfinished-${lastFile}.db`);
    const stop = () => {
      throw new Error('stopped');
    };
    const to = () => openTargetFile(unfinished, migrationsFor(sqlite));
    await expect(between(source, to, { onProgress: stop })).rejects.toThrow('stopped');
    await expect(openSqliteStore({ file: unfinished, thread: false })).rejects.toThrow(/is unfinished/);
    expect(await between(source, to, {})).toMatchObject({ isVerified: true, isResumed: true });
  });
});

async function between(
  from: () => Promise<CopyDatabase>,
  to: () => Promise<CopyDatabase>,
  options: Partial<CopyOptions>,
): Promise<CopyReport> {
  const source = await from();
  try {
    const target = await to();
    try {
      return await copyStore({ source, target, ...options });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Calls of every kind and fate. */
async function fill(store: Store): Promise<void> {
  await store.saveRuleSet('rules-1', JSON.stringify({ text: NASTY }));
  await store.saveRuleSet('rules-2', '{}');
  await store.settle('source.autocalls.token', 'a token that the vendor has');
  await store.putSetting('destination.crm.paused', NASTY);
  await store.probe();
  await store.accept(newEvent({ raw: Buffer.alloc(0), receivedAt: RECEIVED_AT - HOUR_MS, deliveries: [] }));
  await store.prune({
    ...{ eventsBefore: null, bodiesBefore: RECEIVED_AT - 1, reachesBefore: null },
    ...{ now: RECEIVED_AT, limit: 10, after: null },
  });
  await store.accept(
    newEvent({
      ...{ callId: NASTY, contact: NASTY, scope: NASTY, labels: { [NASTY]: NASTY }, contentType: NASTY },
      raw: Buffer.from('x\u0000\u00ff{"id":1}', 'latin1'),
      decisions: [
        { rule: NASTY, verdict: 'undecided', shadow: true, because: [{ path: NASTY, problem: 'missing' }] },
      ],
      deliveries: [planned({ action: NASTY, state: 'held', reason: `missing: ${NASTY}`, input: NASTY })],
    }),
  );
  await store.accept(
    newEvent({
      intent: 'quarantined',
      callId: null,
      contact: null,
      problems: [{ path: '', problem: NASTY }],
    }),
  );
  await store.accept(newEvent({ raw: Buffer.alloc(20_000, 'x') }));
  const needing = ['a', 'b'].map((action) => planned({ action, needs: ['crm'] }));
  await store.accept(newEvent({ deliveries: [planned({ action: 'crm', destination: 'crm' }), ...needing] }));
  const [needed] = await claimAll(store, 'crm', 1);
  const links = [{ key: NASTY, value: { [NASTY]: NASTY } }];
  await store.update(updateOf(needed!, 'delivered', { outcome: 'delivered', receipt: NASTY, links }));
  await fillContacts(store);
  for (let index = 0; index < CALLS; index += 1) {
    const event = newEvent({ contact: `+155501${String(index).padStart(2, '0')}` });
    await store.accept(event);
    if (index % 5 === 0) await store.accept(revisionOf(event, [planned({ ordered: true })]));
    const [claimed] = await claimAll(store, 'sales-slack', 1);
    if (claimed === undefined || index % 3 === 0) continue;
    await store.saveInput(claimed.delivery.id, claimed.delivery.fence, JSON.stringify({ text: NASTY }));
    const result = { outcome: 'rejected', reason: 'client_error', message: NASTY, httpStatus: 400 } as const;
    await store.update(updateOf(claimed, index % 2 === 0 ? 'dead' : 'pending', result));
  }
  // All that was claimed and not yet answered is given back, save for one: its process was killed.
  await store.recover(RECEIVED_AT);
  await claimAll(store, 'sales-slack', 1);
  const alert = { destination: 'd', reason: 'dead', line: NASTY, count: 1 };
  const alerts = ['a', 'b'].map((id) => ({ ...alert, id, entry: 0, cause: id }));
  await store.raiseAlerts({ alerts, now: RECEIVED_AT, everyMs: HOUR_MS });
  await store.settleAlerts({ ids: ['b'], now: RECEIVED_AT, outcome: 'sent', dueAt: RECEIVED_AT });
}

/** Whom nothing may reach, whom something reached, and what happens once. */
async function fillContacts(store: Store): Promise<void> {
  const stop = { do: 'stop', scope: NASTY, reason: NASTY } as const;
  for (let nth = 0; nth < 10; nth += 1)
    await store.changeStop({ ...stop, contact: `+155502${nth}` }, RECEIVED_AT + nth);
  const follow = { destination: 'dialer', channel: 'call', digestKey: NASTY, tryNumber: 2 } as const;
  const once = { key: NASTY, perMs: HOUR_MS };
  const deliveries = [planned({ ...follow, once }), planned({ ...follow, action: 'b' })];
  await store.accept(newEvent({ cause: NASTY, root: NASTY, deliveries }));
  const [reached, told] = await claimAll(store, 'dialer');
  await store.gatherDigest(reached!.delivery.id, reached!.delivery.fence, RECEIVED_AT);
  for (const { delivery } of [reached!, told!])
    await store.reach({
      ...{ id: delivery.id, fence: delivery.fence, input: NASTY, scope: NASTY, contacts: [NASTY] },
      question: {
        ...{ now: RECEIVED_AT, channel: 'call', zone: { zones: ['UTC'], from: 'source' }, country: null },
        ...{ hours: DEFAULT_CONTACT_HOURS, windows: [], limits: {}, consent: true, endedAt: null },
        receivedAt: RECEIVED_AT,
      },
      chain: { root: NASTY, max: 9 },
    });
}

/** How many deliveries of a file wait to be sent. */
async function countPending(file: string): Promise<number> {
  const store = await openSqliteStore({ file, thread: false, readOnly: true });
  try {
    return await store.countMatching({ state: 'pending', destination: 'sales-slack' });
  } finally {
    await store.close();
  }
}

/** What people and steps read, on either store. */
const LOOKS: ((store: Store) => Promise<unknown>)[] = [
  (store) => store.listEvents({ limit: 1_000 }),
  (store) => store.listDeliveries({ limit: 1_000 }),
  async (store) =>
    Promise.all((await store.listEvents({ limit: 1_000 })).map(({ id }) => store.findEvent(id))),
  async (store) =>
    Promise.all((await store.listEvents({ limit: 1_000 })).map(({ id }) => store.findDecisions(id))),
  async (store) =>
    Promise.all((await store.listDeliveries({ limit: 1_000 })).map(({ id }) => store.listAttempts(id))),
  async (store) =>
    Promise.all((await store.listDeliveries({ limit: 1_000 })).map(({ id }) => store.findReceipts(id))),
  (store) => store.findLink({ scope: 'acme', destination: 'crm', key: NASTY }),
  async (store) =>
    Promise.all((await store.listDeliveries({ limit: 1_000 })).map(({ id }) => store.findChain(id))),
  (store) => store.listStops({ limit: 1_000 }),
  (store) => store.dueAlerts(RECEIVED_AT + HOUR_MS),
  (store) => store.loadRuleSet('rules-1'),
  (store) => store.findSettings('source.'),
  (store) => store.findSettings('destination.'),
  (store) => store.countDeliveries(),
];
