import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DELIVERY_ID as ID, EVENT_ID as EVENT, FOLLOW_UP } from '../../test/support/desk-views.js';
import { type TrialIo } from '../../test/support/try-command.js';
import { answering, type DeskTrial, startDeskTrial } from '../../test/support/try-desk.js';

const ZONED = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d/g;

describe('aftercall followups', () => {
  let trial: DeskTrial;
  beforeAll(async () => {
    trial = await startDeskTrial();
  });
  afterEach(() => trial.server.reset());
  afterAll(() => trial.close());

  const run = (args: string[], io: TrialIo = {}) => trial.runThere(['followups', ...args], io);

  describe('list', () => {
    it('prints the next one first, with whom it is for and why it waits', async () => {
      const sooner = { ...FOLLOW_UP, action: 'ring', destination: 'dialer', contact: null };
      const quiet = 'quiet_hours: 2026-11-23 22:10 in Europe/Vienna, told by the phone number';
      trial.answer({
        items: [
          { ...FOLLOW_UP, action: 'then', due_at: null, reason: 'waits_for: remind' },
          FOLLOW_UP,
          { ...sooner, due_at: '2026-11-24T07:00:00.000Z', reason: quiet },
        ],
        next: null,
      });
      const { exitCode, stdout } = await run(['list']);
      expect(exitCode).toBe(0);
      expect(stdout.replace(ZONED, '<time>').replace(/ {3,}/g, '  '))
        .toBe(`FOLLOW-UP  DUE  CONTACT  ACTION  WHY
${ID}  <time> (in 19 h)  nudge.ring -> dialer  it is too early or too late where the contact is: 2026-11-23 22:10 in Europe/Vienna, told by the phone number
${ID}  <time> (in 2 d)  +436641234567  nudge.remind -> crm-hook  2 days after the call: 2026-11-25 13:00 in Europe/Vienna
${ID}  -  +436641234567  nudge.then -> crm-hook  another action of its rule comes first: remind
`);
    });

    it('hands the filters on, and prints what the API says as JSON', async () => {
      const page = { items: [FOLLOW_UP], next: 'x' };
      trial.answer(page);
      const names = [
        '--rule',
        'nudge',
        '--destination',
        'crm',
        '--contact',
        '+1234567890',
        '--scope',
        'acme',
      ];
      const { stdout } = await run(['list', ...names, '--event', EVENT, '--limit', '7', '-o', 'json']);
      expect(JSON.parse(stdout)).toEqual(page);
      const query = `rule=nudge&destination=crm&contact=%2B1234567890&event_id=${EVENT}&scope=acme&limit=7`;
      expect(trial.asked()).toEqual([[`GET /api/v1/followups?${query}`]]);
    });

    it('says so when nothing waits', async () => {
      trial.answer({ items: [], next: null });
      expect((await run(['list'])).stdout).toBe('no follow-ups match\n');
    });
  });

  describe('by id', () => {
    it('cancels, snoozes and runs now, and says what became of it', async () => {
      trial.answer({ ...FOLLOW_UP, state: 'canceled', reason: 'by_person' });
      expect((await run(['cancel', ID])).stdout).toBe(
        `canceled ${ID}  nudge.remind -> crm-hook  canceled: taken back by a person\n`,
      );
      trial.answer({ ...FOLLOW_UP, reason: 'snoozed' });
      expect((await run(['snooze', ID, '--by', '2h'])).stdout).toMatch(
        /^snoozed .* {2}pending, due \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d \(in 2 d\)\n$/,
      );
      await run(['snooze', ID, '--until', '2026-12-01T10:00']);
      await run(['run-now', ID]);
      expect(trial.asked()).toEqual([
        [`POST /api/v1/followups/${ID}/cancel`, {}],
        [`POST /api/v1/followups/${ID}/snooze`, { by: '2h' }],
        [`POST /api/v1/followups/${ID}/snooze`, { until: '2026-12-01T10:00' }],
        [`POST /api/v1/followups/${ID}/run-now`, {}],
      ]);
    });

    it.each([
      [['snooze', ID], 'wants --by 2h or --until 2026-12-01T10:00, one of the two'],
      [['snooze', ID, '--by', '2h', '--until', '2026-12-01T10:00'], 'one of the two'],
      [['snooze', ID, '--by', '2'], '--by: expected how much later, such as 45m, 2h or 3 days'],
      [['cancel', ID, '--rule', 'x'], 'followups cancel takes ids or filters, not both'],
      [['run-now'], 'name what followups run-now is for'],
      [['list', '--state', 'dead'], 'unknown option'],
    ])('answers 2 to %j', async (args, message) => {
      const { exitCode, stderr } = await run(args);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(message);
      expect(trial.server.requests).toEqual([]);
    });
  });

  describe('in bulk', () => {
    it('counts, asks, and does it', async () => {
      trial.answer({ count: 12 });
      const { ask, questions } = answering('y');
      const { stdout } = await run(['snooze', '--contact', '+1234567890', '--by', '1 day'], { ask });
      expect(questions).toEqual(['12 follow-ups will be put off. Go on? [y/N] ']);
      expect(stdout).toBe('snoozed 12 follow-ups\n');
      expect(trial.asked()).toEqual([
        ['POST /api/v1/followups/snooze', { contact: '+1234567890', by: '1 day', dry_run: true }],
        ['POST /api/v1/followups/snooze', { contact: '+1234567890', by: '1 day' }],
      ]);
    });

    it.each([
      ['cancel', '1 follow-up will be taken back for good'],
      ['run-now', '1 follow-up will be sent at once'],
    ])('%s says what it will do where nobody can be asked', async (word, announced) => {
      trial.answer({ count: 1 });
      const { exitCode, stderr } = await run([word, '--all']);
      expect({ exitCode, asked: trial.asked() }).toEqual({
        ...{ exitCode: 2, asked: [[`POST /api/v1/followups/${word}`, { dry_run: true }]] },
      });
      expect(stderr).toContain(`${announced}; say --yes`);
    });
  });
});
