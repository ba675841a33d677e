import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DEAD_DELIVERY as DEAD,
  DELIVERY_ID as ID,
  EVENT_ID as EVENT,
} from '../../test/support/desk-views.js';
import { type TrialIo } from '../../test/support/try-command.js';
import { type DeskTrial, startDeskTrial } from '../../test/support/try-desk.js';

const DETAILS = {
  ...DEAD,
  contact: '+1234567890',
  created_at: '2026-11-23T09:00:00.000Z',
  updated_at: '2026-11-23T10:00:00.000Z',
  input: { body: { name: 'Jo\u001b[31mhn' } },
  attempts: [
    {
      number: 1,
      started_at: '2026-11-23T09:00:00.000Z',
      duration_ms: 84,
      outcome: 'unknown',
      reason: 'timeout',
      http_status: null,
      message: null,
      receipt: null,
    },
    {
      number: 2,
      started_at: '2026-11-23T10:00:00.000Z',
      duration_ms: 2345,
      outcome: 'retry',
      reason: 'server_error',
      http_status: 502,
      message: 'answered 502',
      receipt: null,
    },
  ],
};

describe('aftercall deliveries', () => {
  let trial: DeskTrial;
  beforeAll(async () => {
    trial = await startDeskTrial();
  });
  afterEach(() => trial.server.reset());
  afterAll(() => trial.close());

  const run = (args: string[], io: TrialIo = {}) => trial.runThere(['deliveries', ...args], io);

  describe('list', () => {
    it('prints a line each, with the reason in words', async () => {
      trial.answer({
        items: [DEAD, { ...DEAD, state: 'delivered', reason: null, destination: '' }],
        next: null,
      });
      const { exitCode, stdout } = await run(['list']);
      expect(exitCode).toBe(0);
      expect(stdout)
        .toBe(`DELIVERY                              STATE      ACTION        TO        DUE      ATTEMPTS  WHY
${ID}  dead       hot-lead.crm  crm-hook  2 h ago  2         the destination answered with an error of its own
${ID}  delivered  hot-lead.crm  nowhere   2 h ago  2
`);
      expect(trial.server.requests[0]?.headers.authorization).toBe('Bearer admin-token');
    });

    it('shows no time of what was taken back before it', async () => {
      const later = { ...DEAD, due_at: '2026-11-25T12:00:00.000Z', attempt_count: 0 };
      trial.answer({
        items: [
          { ...later, state: 'canceled', reason: 'by_person' },
          { ...later, state: 'pending', reason: null },
        ],
        next: null,
      });
      const { stdout } = await run(['list']);
      expect(stdout).toMatch(/canceled .* {2}- {7}0 {9}taken back by a person\n/);
      expect(stdout).toMatch(/pending .* {2}in 2 d {2}0\n$/);
    });

    it('hands the filters on, times as of now', async () => {
      trial.answer({ items: [], next: null });
      const shared = ['--rule', 'hot-lead', '--destination', 'crm', '--contact', '+1234567890'];
      const times = ['--since', '3d', '--until', '2026-11-23T12:00:00+01:00'];
      const more = ['--state', 'dead,held', '--event', EVENT, '--limit', '7', '--cursor', 'abc'];
      const { stdout } = await run(['list', ...shared, ...times, ...more]);
      expect(stdout).toBe('no deliveries match\n');
      const query = [
        'state=dead&state=held&rule=hot-lead&destination=crm&contact=%2B1234567890',
        `event_id=${EVENT}&since=2026-11-20T12%3A00%3A00.000Z&until=2026-11-23T11%3A00%3A00.000Z`,
        'limit=7&cursor=abc',
      ];
      expect(trial.asked()).toEqual([[`GET /api/v1/deliveries?${query.join('&')}`]]);
    });

    it('says how to get the next page', async () => {
      trial.answer({ items: [DEAD], next: 'bmV4dA' });
      expect((await run(['list'])).stdout).toMatch(
        /\n\nthere are more: say the same with --cursor bmV4dA\n$/,
      );
    });

    it('prints what the API says as JSON', async () => {
      const page = { items: [DEAD], next: 'x' };
      trial.answer(page);
      expect(JSON.parse((await run(['list', '-o', 'json'])).stdout)).toEqual(page);
    });

    it('is coloured on a terminal only', async () => {
      trial.answer({ items: [DEAD], next: null });
      expect((await run(['list'], { isTty: true })).stdout).toContain('\u001b[31m');
      expect((await run(['list'])).stdout).not.toContain('\u001b[');
    });

    it.each([
      [['--state', 'dead,lost'], 'Expected pending, sending'],
      [['--since', '2026-11-23'], 'how long ago: 2h, 3d'],
      [['--limit', '1001'], 'Expected a number from 1 to 1000'],
      [['--limit', '0'], 'Expected a number from 1 to 1000'],
    ])('answers 2 to %j', async (args, message) => {
      const { exitCode, stderr } = await run(['list', ...args]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(message);
      expect(trial.server.requests).toEqual([]);
    });
  });

  describe('show', () => {
    it('prints attempts, input, key and what can be done next', async () => {
      trial.answer(DETAILS);
      const { exitCode, stdout } = await run(['show', ID]);
      expect(exitCode).toBe(0);
      expect(trial.asked()).toEqual([[`GET /api/v1/deliveries/${ID}`]]);
      const zoned = / \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d/g;
      expect(stdout.replace(zoned, ' <time>'))
        .toBe(`delivery ${ID}  dead: the destination answered with an error of its own
  action   hot-lead.crm
  to       crm-hook (http send)
  contact  +1234567890
  reason   server_error
  event    ${EVENT}
  planned  <time> (3 h ago)
  changed  <time> (2 h ago)
  key      aftercall-${ID}

Attempts
  #  STARTED                     TOOK   OUTCOME         HTTP  WHY
  1  <time>  84 ms  unknown               no answer in time
  2  <time>  2.3 s  failed for now  502   the destination answered with an error of its own: answered 502

Input
  body:
    name: "Jo\\e[31mhn"

dead: retry it with
  aftercall deliveries retry ${ID} --url ${trial.server.url}
or take it back with
  aftercall deliveries cancel ${ID} --url ${trial.server.url}
`);
    });

    it.each([
      ['missing: lead.city', '--set <field>=<value>'],
      ['missing: lead.city', '--if-missing omit'],
      ['unknown: timeout', 'look at the destination'],
      ['invalid_input: text is no list', '--set <field>=<value>'],
      ['destination_gone', 'bring its destination back'],
      [
        'no_row: team_of',
        `add the row to the table, then decide its event anew with\n  aftercall events replay ${EVENT}`,
      ],
      ['replayed', `release it with\n  aftercall deliveries release ${ID}`],
    ])('held for %s says what to do', async (reason, words) => {
      trial.answer({ ...DETAILS, state: 'held', reason, input: null, attempts: [] });
      const { stdout } = await run(['show', ID]);
      expect(stdout).toContain(words);
      expect(stdout).toContain('not rendered yet');
      expect(stdout).toContain(`or take it back with\n  aftercall deliveries cancel ${ID}`);
    });

    it.each([
      [
        'dead',
        'client_error',
        `or mend the rule and decide its event anew with\n  aftercall events replay ${EVENT} `,
      ],
      ['dead', 'address_forbidden', 'open it under egress.allow'],
      ['pending', 'destination_disabled', 'when its destination takes deliveries again'],
      ['pending', null, `bring its next attempt forward with\n  aftercall deliveries retry ${ID}`],
      [
        'pending',
        'follow_up: 2 days after the call',
        `send it at once with\n  aftercall followups run-now ${ID}`,
      ],
      ['pending', 'quiet_hours: x', `put it off with\n  aftercall followups snooze ${ID} --by 2h`],
      [
        'held',
        'unreadable_time: "x"',
        `look at the time that was asked for; release it to send it at once with\n`,
      ],
      ['held', 'max_chain: x', `raise max_chain; then release it with\n  aftercall deliveries release ${ID}`],
      ['held', 'no_contact', `held: take it back with\n  aftercall deliveries cancel ${ID}`],
      ['pending', 'waits_for: first', `\npending: take it back with\n  aftercall deliveries cancel ${ID}`],
      ['held', 'zone_unknown', 'tell the zone of its contacts (contacts.zone, or timezone of the source)'],
      [
        'skipped',
        'stopped: opt-out.stop',
        'if it may be reached again, say\n  aftercall contact allow +1234567890 ',
      ],
      ['canceled', 'stopped', `and decide its event anew with\n  aftercall events replay ${EVENT}`],
      ['skipped', 'too_old', `with a longer max_age, decide its event anew with\n`],
      ['skipped', 'only_if', `decide its event anew with\n  aftercall events replay ${EVENT}`],
    ])('%s for %s says what to do', async (state, reason, words) => {
      trial.answer({ ...DETAILS, state, reason });
      expect((await run(['show', ID])).stdout).toContain(words);
    });

    it('tells what is done here from what goes somewhere', async () => {
      const own = { destination: 'aftercall', kind: 'aftercall', operation: 'contact.stop', attempts: [] };
      trial.answer({ ...DETAILS, ...own, state: 'delivered', reason: null, input: null });
      const { stdout } = await run(['show', ID]);
      expect(stdout).toMatch(/\n {2}to {7}Aftercall itself \(contact\.stop\)\n/);
      expect(stdout).toMatch(/\nInput\n {2}none\n$/);
    });

    it('offers nothing for what was delivered', async () => {
      trial.answer({ ...DETAILS, state: 'delivered', reason: null });
      expect((await run(['show', ID])).stdout).toMatch(/name: "Jo\\e\[31mhn"\n$/);
    });
  });
});
