import { describe, expect, it } from '@jest/globals';
import { postgres, sqlite } from '../dialect.js';
import { migrationSteps, noticeOf } from './migration-sql.js';
import { migrationsFor } from './migrations.js';

describe('migrationSteps', () => {
  it('tells every statement of a migration in one line each, and runs none', async () => {
    const steps = await migrationSteps(migrationsFor(postgres)['0001-start']!, 'postgres', new Set());
    expect(steps.map(({ sql }) => sql)).toContainEqual(
      expect.stringMatching(/^create table "settings" \("key" text collate "C" not null primary key/),
    );
    expect(steps.every(({ sql }) => !sql.includes('\n'))).toBe(true);
  });

  it('speaks the language of the database', async () => {
    const steps = await migrationSteps(migrationsFor(sqlite)['0001-start']!, 'sqlite', new Set());
    expect(steps.map(({ sql }) => sql).join()).toContain('without rowid');
  });

  it('gives notice of what others would feel, which nobody does while a table is new', async () => {
    const { '0001-start': start, '0003-fleet': fleet } = migrationsFor(postgres);
    const onTheOld = await migrationSteps(fleet!, 'postgres', new Set());
    expect(onTheOld.map(({ notice }) => notice)).toContain(
      'writes to deliveries wait while this index is built',
    );
    const made = new Set<string>();
    const notices = [
      ...(await migrationSteps(start!, 'postgres', made)),
      ...(await migrationSteps(fleet!, 'postgres', made)),
    ].map(({ notice }) => notice);
    expect(new Set(notices)).toEqual(new Set([null]));
  });
});

describe('noticeOf', () => {
  it.each([
    ['create index a on events (b)', 'writes to events wait while this index is built'],
    ['create unique index "a" on "events" ("b")', 'writes to events wait while this index is built'],
    ['alter table "events" add column "a" text', 'needs events for itself for a moment'],
    [
      'alter table events alter column a type text',
      'rewrites every row of events; nobody reads or writes it meanwhile',
    ],
    ['create index a on fresh (b)', null],
    ['alter table fresh add column a text', null],
    ['create table fresh (a text)', null],
  ])('%s', (sql, notice) => {
    expect(noticeOf(sql, new Set(['fresh']))).toBe(notice);
  });
});
