import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type DeskTrial, startDeskTrial } from '../../test/support/try-desk.js';

const PROCESS = {
  ...{ id: 'p1', role: 'worker', host: 'node-1', version: '0.1.0', rule_set: 'abcdef0123456789' },
  ...{ rule_set_current: true, leads: true },
  ...{ started_at: '2026-11-23T10:00:00.000Z', seen_at: '2026-11-23T11:59:57.000Z' },
};

describe('aftercall processes', () => {
  let trial: DeskTrial;
  beforeAll(async () => {
    trial = await startDeskTrial();
  });
  afterEach(() => trial.server.reset());
  afterAll(() => trial.close());

  it('prints those that a server knows, and marks other rules', async () => {
    const other = {
      ...PROCESS,
      id: 'p2',
      role: 'intake',
      rule_set: 'ffff',
      rule_set_current: false,
      leads: false,
    };
    trial.answer({ items: [PROCESS, other], next: null });
    const { exitCode, stdout } = await trial.runThere(['processes']);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`PROCESS  ROLE    HOST    VERSION  RULES          STARTED  SEEN     LEADS
p1       worker  node-1  0.1.0    abcdef012345   2 h ago  3 s ago  yes
p2       intake  node-1  0.1.0    ffff (others)  2 h ago  3 s ago
`);
    expect(trial.asked()).toEqual([['GET /api/v1/processes']]);
  });

  it('prints them as JSON', async () => {
    trial.answer({ items: [PROCESS], next: null });
    const { stdout } = await trial.runThere(['processes', '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({ items: [PROCESS], next: null });
  });

  it('leads to the server where the store is a file', async () => {
    trial.write('config/aftercall.yaml', `schema: 1\nstorage: sqlite:${trial.dir}/a.db\n`);
    await trial.run(['migrate', 'apply']);
    const { exitCode, stderr } = await trial.run(['processes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /only one process can work on an SQLite file.*--url http:\/\/127\.0\.0\.1:3000\n$/,
    );
  });
});
