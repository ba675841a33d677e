import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DEAD_DELIVERY as DEAD,
  DELIVERY_ID as ID,
  EVENT_ID as EVENT,
} from '../../test/support/desk-views.js';
import { type TrialIo } from '../../test/support/try-command.js';
import { answering, type DeskTrial, startDeskTrial } from '../../test/support/try-desk.js';

describe('aftercall deliveries', () => {
  let trial: DeskTrial;
  beforeAll(async () => {
    trial = await startDeskTrial();
  });
  afterEach(() => trial.server.reset());
  afterAll(() => trial.close());

  const run = (args: string[], io: TrialIo = {}) => trial.runThere(['deliveries', ...args], io);

  describe('retry, release, cancel by id', () => {
    it('does the same for each id and says what became of it', async () => {
      trial.answer({ ...DEAD, state: 'pending', reason: null });
      const { exitCode, stdout } = await run(['retry', ID, EVENT]);
      expect(exitCode).toBe(0);
      expect(stdout).toBe(`retried ${ID}  hot-lead.crm -> crm-hook  pending\n`.repeat(2));
      expect(trial.asked()).toEqual([
        [`POST /api/v1/deliveries/${ID}/retry`, {}],
        [`POST /api/v1/deliveries/${EVENT}/retry`, {}],
      ]);
    });

    it('goes on after a refusal and answers 1', async () => {
      trial.server.respondAt(`/api/v1/deliveries/${ID}/cancel`, {
        status: 409,
        body: {
          status: 'conflict',
          message: 'this delivery is delivered; cancel is for pending or dead ones',
        },
      });
      trial.answer({ ...DEAD, state: 'canceled', reason: 'by_person' });
      const { exitCode, stdout, stderr } = await run(['cancel', ID, EVENT]);
      expect(exitCode).toBe(1);
      expect(stderr).toBe(
        `aftercall: ${ID}: this delivery is delivered; cancel is for pending or dead ones\n`,
      );
      expect(stdout).toContain('canceled: taken back by a person');
    });

    it('answers 2 to an unknown id', async () => {
      trial.answer({ status: 'not_found', message: 'there is no delivery "x"' }, 404);
      expect(await run(['retry', 'x'])).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: 'aftercall: there is no delivery "x"\n',
      });
    });

    it('releases with other input: JSON where it is JSON, every digit of long numbers, else text', async () => {
      trial.answer({ ...DEAD, state: 'pending', reason: null });
      const set = ['to=+1234567890', 'n=12345678901234567890', 'body={"a":[1]}', 'text=a=b'];
      await run(['release', ID, '--if-missing', 'omit', ...set.flatMap((each) => ['--set', each])]);
      const input = { to: '+1234567890', n: '12345678901234567890', body: { a: [1] }, text: 'a=b' };
      expect(trial.asked()).toEqual([
        [`POST /api/v1/deliveries/${ID}/release`, { if_missing: 'omit', with: input }],
      ]);
    });

    it.each([
      [['release', ID, '--set', 'body.name=x'], "give body='…' with all of it"],
      [['release', ID, '--set', 'x'], 'Expected name=value'],
      [['release', ID, '--if-missing', 'never'], 'Allowed choices are mark, omit, empty'],
      [['retry', ID, '--set', 'x=1'], 'unknown option'],
      [['retry', ID, '--rule', 'x'], 'deliveries retry takes ids or filters, not both'],
      [['retry', ID, '--all'], 'not both'],
      [['cancel'], 'name what deliveries cancel is for: ids, filters such as --destination, or --all'],
      [['cancel', '--all', '--rule', 'x'], '--all is for no filter at all'],
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
      const { exitCode, stdout } = await run(['retry', '--destination', 'crm'], { ask });
      expect(exitCode).toBe(0);
      expect(questions).toEqual(['12 dead deliveries will be tried again at once. Go on? [y/N] ']);
      expect(stdout).toBe('retried 12 dead deliveries\n');
      expect(trial.asked()).toEqual([
        ['POST /api/v1/deliveries/retry', { destination: 'crm', dry_run: true }],
        ['POST /api/v1/deliveries/retry', { destination: 'crm' }],
      ]);
    });

    it.each(['', 'n', 'ja', 'yesterday'])('changes nothing when the answer is %j', async (said) => {
      trial.answer({ count: 1 });
      const { exitCode, stdout, stderr } = await run(['cancel', '--all'], {
        ask: () => Promise.resolve(said),
      });
      expect({ exitCode, stdout, stderr }).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: 'nothing was changed\n',
      });
      expect(trial.asked()).toEqual([['POST /api/v1/deliveries/cancel', { dry_run: true }]]);
    });

    it('refuses without a terminal, and says how many it would be', async () => {
      trial.answer({ count: 3 });
      const { exitCode, stderr } = await run(['release', '--rule', 'x']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('3 held deliveries will be let go and sent; say --yes to go on');
      expect(trial.server.requests).toHaveLength(1);
    });

    it('asks nothing with --yes, and prints the answer of the API as JSON', async () => {
      trial.answer({ count: 2 });
      const { stdout } = await run(['cancel', '--state', 'held', '--yes', '-o', 'json']);
      expect(JSON.parse(stdout)).toEqual({ count: 2 });
      expect(trial.asked()).toEqual([['POST /api/v1/deliveries/cancel', { state: 'held' }]]);
    });

    it('only counts with --dry-run', async () => {
      trial.answer({ count: 1 });
      expect((await run(['cancel', '--all', '--dry-run', '--yes'])).stdout).toBe(
        '1 pending, held or dead delivery matches\n',
      );
      expect(trial.asked()).toEqual([['POST /api/v1/deliveries/cancel', { dry_run: true }]]);
    });

    it('asks nobody about nothing', async () => {
      trial.answer({ count: 0 });
      expect(await run(['retry', '--all'])).toMatchObject({
        exitCode: 0,
        stdout: '0 dead deliveries match\n',
      });
    });

    it('releases all with the same input', async () => {
      trial.answer({ count: 2 });
      await run(['release', '--rule', 'x', '--set', 'text=Hi', '--yes']);
      expect(trial.asked()).toEqual([
        ['POST /api/v1/deliveries/release', { rule: 'x', with: { text: 'Hi' } }],
      ]);
    });
  });
});
