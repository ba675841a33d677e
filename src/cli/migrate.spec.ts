import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sqlite } from '../store/dialect.js';
import { migrationsFor } from '../store/migrations/migrations.js';
import { SqliteEngine } from '../store/sqlite/engine.js';
import { type CommandTrial, startTrial } from '../../test/support/try-command.js';

describe('aftercall migrate', () => {
  let trial: CommandTrial;
  let file: string;
  beforeEach(() => {
    trial = startTrial();
    file = join(trial.dir, 'data', 'a.db');
    trial.write('config/aftercall.yaml', `schema: 1\nstorage: sqlite:${file}\n`);
  });
  afterEach(() => trial.remove());

  const olderStore = async () => {
    const [name = '', migration] = Object.entries(migrationsFor(sqlite))[0] ?? [];
    (await SqliteEngine.open({ file, migrations: { [name]: migration! } })).close();
  };

  it('plans everything for a file that is not there, and makes none', async () => {
    const { exitCode, stdout } = await trial.run(['migrate', 'plan']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/\n {2}applied {2}none\n {2}missing {2}0001-start, /);
    expect(stdout).toContain('\n  create table "events" (');
    expect(existsSync(file)).toBe(false);
  });

  it('applies what is missing after a copy of the file, and says nothing is missing the next time', async () => {
    await olderStore();
    const plan = await trial.run(['migrate', 'plan', '-o', 'json']);
    expect(plan.exitCode).toBe(1);
    const { applied, missing } = JSON.parse(plan.stdout) as {
      applied: string[];
      missing: { name: string }[];
    };
    expect(applied).toEqual(['0001-start']);
    const names = missing.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(1);

    const done = await trial.run(['migrate', 'apply']);
    const copy = `${file}.before-${names.at(-1) ?? ''}`;
    expect(done).toMatchObject({
      exitCode: 0,
      stdout: `${file}: applied ${names.join(', ')}\nthe file as it was before is ${copy}\n`,
    });
    expect(existsSync(copy)).toBe(true);
    expect((await trial.run(['migrate', 'plan'])).exitCode).toBe(0);
    expect((await trial.run(['migrate', 'apply'])).stdout).toBe(`${file}: nothing was missing\n`);
  });

  it('makes an empty store', async () => {
    expect(await trial.run(['migrate', 'apply', '-o', 'json'])).toMatchObject({ exitCode: 0 });
    expect((await trial.run(['events', 'list'])).stdout).toBe('no events match\n');
  });

  it.each(['plan', 'apply'])('%s refuses a newer schema and tables of something else', async (what) => {
    await trial.run(['migrate', 'apply']);
    const db = new Database(file);
    db.exec("insert into kysely_migration values ('9999-next', '')");
    const newer = await trial.run(['migrate', what]);
    expect(newer).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('made by a newer version') });
    db.exec('drop table kysely_migration');
    db.close();
    const foreign = await trial.run(['migrate', what]);
    expect(foreign).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("are not Aftercall's") });
  });

  it('refuses a file that is none of a database', async () => {
    trial.write('data/a.db', 'this is no database, '.repeat(100));
    const { exitCode, stderr } = await trial.run(['migrate', 'plan']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^aftercall: .*a\.db: cannot be read: file is not a database\n$/);
  });
});
