import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DELIVERY_ID as ID } from '../../test/support/desk-views.js';
import { type TrialIo } from '../../test/support/try-command.js';
import { answering, type DeskTrial, startDeskTrial } from '../../test/support/try-desk.js';

const EXAMPLE = { id: ID, contact: '+436641234567', due_at: '2026-11-25T12:00:00.000Z' };
const PLAN = {
  ...{ rule_set: 'new', compared_with: 'old', waiting: 15 },
  rules: [
    {
      ...{ rule: 'nudge', change: 'changed', what: ['condition'] },
      actions: [{ action: 'remind', change: 'changed', what: ['text', 'time'] }],
    },
    { rule: 'other', change: 'removed', what: [], actions: [] },
  ],
  follow_ups: [
    {
      ...{ rule: 'nudge', action: 'remind', waiting: 14, unchanged: 3, changed: 7, gone: 2, stays: 2 },
      examples: [
        { ...EXAMPLE, is: 'changed', why: 'text, time', new_due_at: '2026-11-24T12:00:00.000Z' },
        { ...EXAMPLE, is: 'changed', why: 'text', new_due_at: EXAMPLE.due_at },
        {
          ...EXAMPLE,
          contact: null,
          is: 'gone',
          why: 'its call would not fire the rule any more',
          new_due_at: null,
        },
      ],
    },
    {
      ...{
        rule: 'same',
        action: 'send',
        waiting: 1,
        unchanged: 1,
        changed: 0,
        gone: 0,
        stays: 0,
        examples: [],
      },
    },
  ],
};
const APPLIED = { rule_set: 'new', count: 9, migrated: 7, canceled: 2, kept: 6 };
const ZONED = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d/g;

describe('changed rules', () => {
  let trial: DeskTrial;
  beforeAll(async () => {
    trial = await startDeskTrial();
    trial.write('config/aftercall.yaml', 'schema: 1\ntimezone: Europe/Vienna\n');
  });
  afterEach(() => trial.server.reset());
  afterAll(() => trial.close());

  const run = (args: string[], io: TrialIo = {}) => trial.runThere(args, io);

  describe('plan', () => {
    it('prints what changed and what that means for each action of which something waits', async () => {
      trial.answer(PLAN);
      const { exitCode, stdout } = await run(['plan']);
      expect(exitCode).toBe(0);
      expect(stdout.replace(ZONED, '<time>')).toBe(`Rules
  nudge  changed: condition
    remind  changed: text, time
  other  removed

Follow-ups: 15
  nudge.remind  14 wait: 3 unchanged, 7 changed, 2 gone, 2 only by their old rules
    keep     14 as planned
    migrate  7 by the new rules, 2 canceled, 5 as planned
    cancel   11 canceled, 3 as planned
    ${ID}  +436641234567  due <time>, then <time>  changed: text, time
    ${ID}  +436641234567  due <time>                                   changed: text
    ${ID}                 due <time>                                   gone: its call would not fire the rule any more
  same.send  1 waits: 1 unchanged

settle it with
  aftercall apply --pending keep|migrate|cancel --url ${trial.server.url}
`);
      expect(trial.asked()).toEqual([['POST /api/v1/rules/plan', {}]]);
    });

    it('says so when there is nothing to settle', async () => {
      trial.answer({ ...PLAN, compared_with: null, rules: [], waiting: 0, follow_ups: [] });
      expect((await run(['plan'])).stdout).toBe('Rules\n  no changes\n\nFollow-ups: 0\n  none wait\n');
    });

    it('says so when what waits is the same by either rules', async () => {
      trial.answer({ ...PLAN, follow_ups: PLAN.follow_ups.slice(1), waiting: 1 });
      expect((await run(['plan'])).stdout).toMatch(
        /same\.send {2}1 waits: 1 unchanged\n\nnothing to settle: what waits is sent the same by either rules\n$/,
      );
    });

    it('sends the rules of a folder that is named', async () => {
      trial.answer(PLAN);
      const { stdout } = await run(['plan', '--config', 'config', '-o', 'json']);
      expect(JSON.parse(stdout)).toEqual(PLAN);
      const content = { timezone: 'Europe/Vienna', tables: {}, calendars: {}, templates: {}, rules: [] };
      expect(trial.asked()).toEqual([['POST /api/v1/rules/plan', { rule_set: content }]]);
    });
  });

  describe('apply', () => {
    it('counts, asks, and does it', async () => {
      trial.answer(APPLIED);
      const { ask, questions } = answering('y');
      const { exitCode, stdout } = await run(['apply', '--pending', 'migrate'], { ask });
      expect(exitCode).toBe(0);
      expect(questions).toEqual([
        '7 follow-ups will go on by the rules in force, 2 follow-ups will be canceled, 6 follow-ups will stay as planned. Go on? [y/N] ',
      ]);
      expect(stdout).toBe('migrated 7 follow-ups, canceled 2, left 6 as planned\n');
      expect(trial.asked()).toEqual([
        ['POST /api/v1/rules/apply', { pending: 'migrate', dry_run: true }],
        ['POST /api/v1/rules/apply', { pending: 'migrate' }],
      ]);
    });

    it('asks nothing with --yes, and prints the answer of the API as JSON', async () => {
      trial.answer(APPLIED);
      const { stdout } = await run(['apply', '--pending', 'cancel', '--yes', '-o', 'json']);
      expect(JSON.parse(stdout)).toEqual(APPLIED);
      expect(trial.asked()).toEqual([['POST /api/v1/rules/apply', { pending: 'cancel' }]]);
    });

    it('only counts with --dry-run, and asks nobody about nothing', async () => {
      trial.answer({ ...APPLIED, count: 0, migrated: 0, canceled: 0 });
      for (const more of [['--dry-run', '--yes'], []])
        expect(await run(['apply', '--pending', 'keep', ...more])).toMatchObject({
          ...{ exitCode: 0, stdout: '6 follow-ups will stay as planned\n' },
        });
    });

    it('names the rules of the folder that is meant, and says when the server runs others', async () => {
      trial.answer({ status: 'conflict', message: 'the server runs other rules than these' }, 409);
      const { exitCode, stderr } = await run([
        'apply',
        '--pending',
        'migrate',
        '--config',
        'config',
        '--yes',
      ]);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: 'aftercall: the server runs other rules than these\n',
      });
      expect(trial.asked()).toEqual([
        [
          'POST /api/v1/rules/apply',
          { pending: 'migrate', fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) },
        ],
      ]);
    });

    it.each([[[]], [['--pending', 'both']]])('answers 2 to %j', async (args) => {
      expect((await run(['apply', ...args])).exitCode).toBe(2);
      expect(trial.server.requests).toEqual([]);
    });
  });
});
