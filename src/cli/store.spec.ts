import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { openSqliteStore } from '../store/sqlite/sqlite-store.js';
import { type CommandTrial, startTrial } from '../../test/support/try-command.js';

describe('aftercall store copy', () => {
  let trial: CommandTrial;
  beforeEach(async () => {
    trial = startTrial();
    const store = await openSqliteStore({ file: join(trial.dir, 'a.db'), thread: false });
    await store.saveRuleSet('rules', '{}');
    await store.settle('admin.token', 'kept');
    await store.close();
  });
  afterEach(() => trial.remove());

  const copy = (...args: string[]) => trial.run(['store', 'copy', ...args]);

  it('prints each table and what is next, and shows its progress on a terminal only', async () => {
    const { exitCode, stdout, stderr } = await copy('--from', 'sqlite:a.db', '--to', 'sqlite:b.db');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(
      /^TABLE +ROWS +COPIED +SECONDS +VERIFIED\nrule_sets +1 +1 +0\.\d +yes, sha256 \w{12}\n/,
    );
    expect(stdout).toMatch(
      /\n\nboth are the same: put the database of --to behind storage: in aftercall\.yaml.*\n$/,
    );
    const args = ['store', 'copy', '--from', 'sqlite:a.db', '--to', 'sqlite:c.db'];
    expect((await trial.run(args, { isTty: true })).stderr).toContain('copying rule_sets: 1 of 1');
  });

  it('says the same as JSON', async () => {
    const { stdout } = await copy('--from', 'sqlite:a.db', '--to', 'sqlite:b.db', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      verified: true,
      resumed: false,
      tables: expect.arrayContaining([
        expect.objectContaining({ table: 'settings', rows: 1, copied: 1, verified: true, difference: null }),
      ]),
    });
  });

  it('answers 1 with the table and the key where the two are not the same', async () => {
    await copy('--from', 'sqlite:a.db', '--to', 'sqlite:b.db');
    const db = new Database(join(trial.dir, 'b.db'));
    db.exec(`update settings set key = 'copy.source' where key = 'copy.done';
      update settings set value = 'other' where key = 'admin.token'`);
    db.close();
    const { exitCode, stdout } = await copy('--from', 'sqlite:a.db', '--to', 'sqlite:b.db');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/\nsettings: the row admin\.token differs\nThe two are not the same/);
    expect(stdout).not.toContain('kept');
  });

  it.each([
    [['--from', 'a.db', '--to', 'sqlite:b.db'], '--from is no store; expected sqlite:<file> or postgres://'],
    [['--from', 'sqlite:a.db', '--to', 'mysql://b'], '--to is no store'],
    [['--from', 'sqlite:a.db', '--to', 'sqlite:./a.db'], '--from and --to are the same'],
    [['--from', 'sqlite:a.db'], '--to'],
  ])('%j is wrong usage', async (args, words) => {
    const { exitCode, stderr } = await copy(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
  });

  it('refuses a source that is not there', async () => {
    const { exitCode, stderr } = await copy('--from', 'sqlite:none.db', '--to', 'sqlite:b.db');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/none\.db: there is no such database/);
  });
});
