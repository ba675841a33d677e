import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import Database from 'better-sqlite3';
import { type Kysely, type Migration, sql } from 'kysely';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compilerFor } from '../../src/store/compiler.js';
import { sqlite } from '../../src/store/dialect.js';
import { migrationsFor } from '../../src/store/migrations/migrations.js';
import { buildQueries } from '../../src/store/queries/queries.js';
import { type Database as Tables } from '../../src/store/schema.js';
import { SqliteEngine } from '../../src/store/sqlite/engine.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { type Store, StoreRefusedError, StoreUnavailableError } from '../../src/store/store.js';
import { storeContract } from './store-contract.js';
import { claimAll, newEvent, planned } from './store-fixtures.js';

const migrations = migrationsFor(sqlite);
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'aftercall-store-'));

storeContract('sqlite', async () => {
  const folder = newFolder();
  const store = await openSqliteStore({ file: join(folder, 'data', 'aftercall.db'), thread: false });
  const close = async (): Promise<void> => {
    await store.close();
    rmSync(folder, { recursive: true });
  };
  return { store, close };
});

describe('sqlite store', () => {
  let folder: string;
  let file: string;
  const opened: Store[] = [];
  const open = async (over: { readOnly?: boolean; limits?: object } = {}): Promise<Store> => {
    const store = await openSqliteStore({ file, thread: false, busyTimeoutMs: 20, ...over });
    opened.push(store);
    return store;
  };
  /** The store's own connection, which limits can be set on. */
  const openWithConnection = async (): Promise<{ store: Store; db: Database.Database }> => {
    const pragma = jest.spyOn(Database.prototype, 'pragma');
    const store = await open();
    const db = pragma.mock.contexts.at(-1) as Database.Database;
    pragma.mockRestore();
    return { store, db };
  };

  beforeEach(() => {
    folder = newFolder();
    file = join(folder, 'data', 'aftercall.db');
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const store of opened.splice(0)) await store.close();
    rmSync(folder, { recursive: true });
  });

  describe('opening', () => {
    it('makes the folder and the file for their owner only', async () => {
      await open();
      expect(statSync(join(folder, 'data')).mode & 0o077).toBe(0);
      expect(statSync(file).mode & 0o077).toBe(0);
    });

    it('syncs every commit', async () => {
      const { db } = await openWithConnection();
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
      expect(db.pragma('synchronous', { simple: true })).toBe(2);
      expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    });

    it('refuses when syncing every commit did not take', async () => {
      const pragma = jest.spyOn(Database.prototype, 'pragma');
      pragma.mockImplementation((source) => (source === 'synchronous' ? 1 : 'wal'));
      await expect(open()).rejects.toThrow(/needs journal_mode wal and synchronous 2, got wal and 1/);
      jest.restoreAllMocks();
      await expect(open()).resolves.toBeDefined();
    });

    it('refuses a file that another process has open, until it is closed', async () => {
      const first = await open();
      await expect(open()).rejects.toThrow(StoreRefusedError);
      await expect(open()).rejects.toThrow(`${file}: a server is running on this database; use --url`);
      await expect(open({ readOnly: true })).resolves.toBeDefined();
      await first.close();
      await expect(open()).resolves.toBeDefined();
    });

    it('keeps what is stored when it is opened again', async () => {
      const event = newEvent();
      const first = await open();
      await first.accept(event);
      await first.close();
      expect(await (await open()).findEvent(event.id)).not.toBeNull();
    });

    it('refuses a file that is not a database, naming it', async () => {
      mkdirSync(join(folder, 'data'));
      writeFileSync(file, 'certainly not a database, but long enough to look at'.repeat(20));
      await expect(open()).rejects.toThrow(`${file}: cannot be opened: file is not a database`);
    });

    it('reads beside the process that writes, and learns what was settled', async () => {
      const event = newEvent();
      const writer = await open();
      await writer.settle('admin.token', 'made at first start');
      const reader = await open({ readOnly: true });
      await writer.accept(event);

      expect(await reader.findEvent(event.id)).not.toBeNull();
      expect(await reader.settle('admin.token', 'another')).toBe('made at first start');
      await expect(reader.settle('unknown', 'value')).rejects.toThrow(StoreUnavailableError);
    });

    it('reads without writing when asked to', async () => {
      await expect(open({ readOnly: true })).rejects.toThrow(`${file}: there is no such database`);
      const event = newEvent();
      const writer = await open();
      await writer.accept(event);
      await writer.close();

      const reader = await open({ readOnly: true });
      expect(await reader.findEvent(event.id)).not.toBeNull();
      await expect(reader.accept(newEvent())).rejects.toThrow(StoreUnavailableError);
    });
  });

  describe('migrations', () => {
    const withMigration = (name: string, up: Migration['up']): typeof migrations => ({
      ...migrations,
      [name]: { up },
    });
    const next = withMigration('9998-next', async (db: Kysely<unknown>) => {
      await sql`create table extra (a)`.execute(db);
    });
    const tablesOf = (path: string): unknown[] => {
      const db = new Database(path, { readonly: true });
      const tables = db.prepare(`select name from sqlite_schema where type = 'table'`).pluck().all();
      db.close();
      return tables;
    };

    it('brings an older file up to date after making a copy of it', async () => {
      const event = newEvent();
      const older = await open();
      await older.accept(event);
      await older.close();

      const engine = await SqliteEngine.open({ file, migrations: next });
      expect(engine.query({ get: 'event', id: event.id })).not.toBeNull();
      engine.close();
      const copy = `${file}.before-9998-next`;
      expect(tablesOf(file)).toContain('extra');
      expect(tablesOf(copy)).not.toContain('extra');
      expect(statSync(copy).mode & 0o077).toBe(0);
      const copied = new Database(copy, { readonly: true });
      expect(copied.prepare('select id from events').pluck().all()).toEqual([event.id]);
      copied.close();
    });

    it('brings a file of 0.1 up to date, with all that is in it', async () => {
      const older = { '0001-start': migrations['0001-start']! };
      (await SqliteEngine.open({ file, migrations: older })).close();
      const db = new Database(file);
      db.exec(`insert into events values (1, 'e', 'autocalls', 'call', 'c', 'h', 1, 'accepted', 5, 'acme', '+1',
        '{}', null, '[]', 'r1', x'7b7d');
      insert into decisions values ('e', 0, 'r', 'fired', 0, '[]');
      insert into deliveries values (1, 'd', 'e', 'r', 'a', 'crm', 'http', 'send', 'sending', null, 5, 'refresh',
        'acme', '+1', 1, 1, 'r1', 1, 9, 'retry', null, 5, 6, null, '{"text":"hi"}');
      insert into attempts values ('d', 1, 5, 1, 'retry', 'timeout', null, null, null);`);
      db.close();

      const store = await open();
      expect(await store.recover(7)).toEqual({ count: 1, destinations: ['crm'] });
      const [claimed] = await store.claim({ now: 7, slots: { crm: 1 }, leaseMs: 0 });
      expect(claimed?.delivery).toMatchObject({ id: 'd', ordered: false, release: null, fence: 2 });
      expect(await store.findEvent('e')).toMatchObject({ bodyPrunedAt: null, ruleSet: 'r1' });
      expect(await store.listAttempts('d')).toHaveLength(1);
      const copy = new Database(`${file}.before-0005-follow-ups`, { readonly: true });
      expect(copy.prepare('select name from kysely_migration').pluck().all()).toEqual(['0001-start']);
      expect(copy.prepare('select state, fence from deliveries').all()).toEqual([
        { state: 'sending', fence: 1 },
      ]);
      copy.close();
    });

    it('makes no copy of an empty file, nor of one that is up to date', async () => {
      (await SqliteEngine.open({ file, migrations: next })).close();
      (await SqliteEngine.open({ file, migrations: next })).close();
      expect(existsSync(`${file}.before-9998-next`)).toBe(false);
    });

    it('leaves an older file as it was when a migration fails, and says why', async () => {
      const event = newEvent();
      const older = await open();
      await older.accept(event);
      await older.close();
      const broken = withMigration('9998-broken', async (db: Kysely<unknown>) => {
        await sql`drop table attempts`.execute(db);
        await sql`create table events (a)`.execute(db);
      });
      await expect(SqliteEngine.open({ file, migrations: broken })).rejects.toThrow(
        /could not be brought up to date: table "?events"? already exists/,
      );
      expect(tablesOf(file)).toContain('attempts');
      expect(await (await open()).findEvent(event.id)).not.toBeNull();
    });

    it('refuses a file of a newer version', async () => {
      (await SqliteEngine.open({ file, migrations: next })).close();
      await expect(open()).rejects.toThrow(/made by a newer version \(it has 9998-next/);
      await expect(open({ readOnly: true })).rejects.toThrow(/newer version/);
    });

    it('does not read a file of an older version without bringing it up to date', async () => {
      await (await open()).close();
      await expect(SqliteEngine.open({ file, migrations: next, readOnly: true })).rejects.toThrow(
        /made by an older version; start the server once/,
      );
    });
  });

  it('counts the calls of a contact without reading through their bytes', async () => {
    const { db } = await openWithConnection();
    const { callsOfContact } = buildQueries(compilerFor<Tables>('sqlite'), sqlite);
    const name = { scope: 'acme', contact: '+15550100', until: 0, limit: 1 };
    const values = callsOfContact.bind({ ...name, exceptSource: '', exceptCallId: null });
    const plan = db.prepare(`explain query plan ${callsOfContact.sql}`).all(...values);
    expect(JSON.stringify(plan)).toContain('events USING COVERING INDEX events_contact (contact=?');
  });

  describe('trouble', () => {
    it('says it is unavailable while the disk is full, stores nothing by halves, and recovers', async () => {
      const { store, db } = await openWithConnection();
      const before = newEvent();
      await store.accept(before);
      const pages = Number(db.pragma('page_count', { simple: true }));
      db.pragma(`max_page_count = ${pages + 4}`);

      const events = Array.from({ length: 10 }, () => newEvent({ raw: Buffer.alloc(50_000) }));
      const results = await Promise.allSettled(events.map((event) => store.accept(event)));
      expect(results.map(({ status }) => status)).toEqual(events.map(() => 'rejected'));
      await expect(store.accept(events[0]!)).rejects.toThrow(/unavailable: database or disk is full/);
      await expect(store.accept(events[0]!)).rejects.toThrow(StoreUnavailableError);
      expect(await store.countDeliveries()).toEqual({ pending: 1 });
      expect(
        await store.accept(newEvent({ callId: before.callId, contentHash: before.contentHash })),
      ).toMatchObject({
        status: 'duplicate',
      });

      db.pragma(`max_page_count = ${pages + 10_000}`);
      expect(await store.accept(events[0]!)).toMatchObject({ status: 'accepted' });
    });

    it('says it is unavailable while another program has locked the file, and recovers', async () => {
      const store = await open();
      const other = new Database(file);
      other.exec('BEGIN EXCLUSIVE');
      await expect(store.probe()).rejects.toThrow(StoreUnavailableError);
      await expect(store.accept(newEvent())).rejects.toThrow(/unavailable: database is locked/);
      other.exec('ROLLBACK');
      other.close();
      await expect(store.probe()).resolves.toBeUndefined();
      expect(await store.accept(newEvent())).toMatchObject({ status: 'accepted' });
    });

    it('opens the file anew after an I/O error and hands out again what a lost claim had taken', async () => {
      const { store, db } = await openWithConnection();
      await store.accept(newEvent({ deliveries: [planned(), planned({ action: 'b' })] }));
      const reallyExec = db.exec.bind(db);
      // The worst case: the commit is on the disk, and yet its sync is reported as failed.
      const exec = jest.spyOn(Database.prototype, 'exec').mockImplementation((source) => {
        reallyExec(source);
        if (source === 'COMMIT') throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
        return db;
      });
      await expect(claimAll(store)).rejects.toThrow(StoreUnavailableError);
      exec.mockRestore();

      const claimed = await claimAll(store);
      expect(db.open).toBe(false);
      expect(claimed.map(({ delivery }) => delivery.fence)).toEqual([2, 2]);
    });

    it('refuses what would make it hold too much', async () => {
      const store = await open({ limits: { maxPendingOps: 3 } });
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => store.accept(newEvent())));
      expect(results.map(({ status }) => status)).toEqual([
        ...['fulfilled', 'fulfilled', 'fulfilled'],
        ...['rejected', 'rejected'],
      ]);
    });

    it('refuses writes once it is closed', async () => {
      const store = await open();
      const last = store.accept(newEvent());
      await store.close();
      await expect(last).resolves.toMatchObject({ status: 'accepted' });
      await expect(store.accept(newEvent())).rejects.toThrow(StoreUnavailableError);
      opened.splice(0);
    });
  });

  describe('on a thread of its own', () => {
    const argsOf = (part: string): string[] => [
      ...['--no-warnings', '--import', './test/support/register-ts.mjs', 'test/contract/store-process.ts'],
      ...[file, part],
    ];
    const run = async (part: string): Promise<unknown> => {
      const { stdout } = await promisify(execFile)(process.execPath, argsOf(part));
      return JSON.parse(stdout);
    };

    it('takes, settles and hands out as on the same thread', async () => {
      expect(await run('work')).toEqual({
        statuses: ['rejected', 'accepted', ...Array.from({ length: 49 }, () => 'duplicate')],
        bytes: '\u0000{"id":1}\u00ff',
        told: ['\u0000{"id":1}\u00ff'],
        reached: 'held',
        contact: 'lone \ud800',
        updated: true,
        counts: { delivered: 1 },
        senderKeeps: '\u0000{"id":1}\u00ff',
      });
    });

    it('takes commands, replays, prunes and looks as on the same thread', async () => {
      expect(await run('desk')).toEqual({
        released: { done: true, state: 'pending', release: '{"with":{"text":"lone \\ud800"}}' },
        bulk: { count: 1, destinations: ['crm'] },
        replayed: ['pending', 'lone \ud800'],
        listed: [['canceled', 'canceled', 'pending'], 1, 3],
        trouble: ['held'],
        heardOf: true,
        alerts: [1, 'it died'],
        settings: { 'a.b': 'c' },
        pruned: [0, 1],
        afterReaderDied: 'StoreUnavailableError',
        readAgain: { canceled: 2, pending: 1 },
      });
    });

    it('says it is unavailable when its thread has died', async () => {
      expect(await run('worker-dies')).toEqual({
        refusals: Array.from({ length: 4 }, () => 'StoreUnavailableError'),
      });
    });

    it('is refused while another process holds the file, and taken over when that is killed', async () => {
      const holder: ChildProcess = spawn(process.execPath, argsOf('hold'), {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      await once(holder.stdout!, 'data');
      await expect(open()).rejects.toThrow(/a server is running/);
      holder.kill('SIGKILL');
      await once(holder, 'exit');

      const store = await open();
      expect(await store.countDeliveries()).toEqual({ sending: 1 });
      expect((await store.recover(0)).count).toBe(1);
    });
  });
});
