import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EVENT_ID as ID } from '../../test/support/desk-views.js';
import { type TrialIo } from '../../test/support/try-command.js';
import { type DeskTrial, startDeskTrial } from '../../test/support/try-desk.js';

const EVENT = {
  id: ID,
  source: 'autocalls',
  call_id: '12345',
  revision: 2,
  status: 'revision',
  received_at: '2026-11-23T09:00:00.000Z',
  contact: '+1234567890',
};

const delivery = (id: string, state: string, reason: string | null) => ({
  ...{ id, event_id: ID, rule: 'hot-lead', action: 'crm', destination: 'crm-hook', kind: 'http' },
  ...{ operation: 'send', state, due_at: EVENT.received_at, attempt_count: 1, reason },
  idempotency_key: `aftercall-${id}`,
});

const DETAILS = {
  ...EVENT,
  labels: { client: 'acme' },
  problems: [{ path: 'duration', problem: 'no number' }],
  call: {
    ...{ status: 'completed', duration: 125, recording_url: null, transcript: [{ text: 'long' }] },
    campaign: { name: 'Winter' },
    extracted_variables: { summary: 'asked for\u0007 a demo' },
  },
  decisions: [
    { rule: 'hot-lead', verdict: 'fired', shadow: false, because: [] },
    {
      ...{ rule: 'again', verdict: 'not_evaluated', shadow: false },
      because: [{ path: 'aftercall_delivery', problem: 'own_call' }],
    },
    { rule: 'late', verdict: 'undecided', shadow: true, because: [{ path: 'lead.x', problem: 'missing' }] },
  ],
  deliveries: [delivery('d1', 'delivered', null)],
};

describe('aftercall events', () => {
  let trial: DeskTrial;
  beforeAll(async () => {
    trial = await startDeskTrial();
  });
  afterEach(() => trial.server.reset());
  afterAll(() => trial.close());

  const run = (args: string[], io: TrialIo = {}) => trial.runThere(['events', ...args], io);

  describe('list', () => {
    it('prints a line each', async () => {
      trial.answer({
        items: [EVENT, { ...EVENT, call_id: null, status: 'quarantined', contact: null }],
        next: null,
      });
      const { exitCode, stdout } = await run(['list']);
      expect(exitCode).toBe(0);
      expect(stdout)
        .toBe(`EVENT                                 RECEIVED  SOURCE     CALL   STATUS       CONTACT
${ID}  3 h ago   autocalls  12345  revision 2   +1234567890
${ID}  3 h ago   autocalls         quarantined
`);
    });

    it('hands the filters on', async () => {
      trial.answer({ items: [], next: null });
      const own = ['--source', 'autocalls', '--status', 'quarantined', '--call', '12345', '--state', 'dead'];
      const shared = [
        '--rule',
        'r',
        '--destination',
        'd',
        '--contact',
        'c',
        '--since',
        'PT1H',
        '--limit',
        '3',
      ];
      expect((await run(['list', ...own, ...shared])).stdout).toBe('no events match\n');
      const query = [
        'source=autocalls&status=quarantined&call_id=12345&contact=c&rule=r&state=dead&destination=d',
        'since=2026-11-23T11%3A00%3A00.000Z&limit=3',
      ];
      expect(trial.asked()).toEqual([[`GET /api/v1/events?${query.join('&')}`]]);
    });

    it('prints what the API says as JSON', async () => {
      trial.answer({ items: [EVENT], next: 'x' });
      expect(JSON.parse((await run(['list', '-o', 'json'])).stdout)).toEqual({ items: [EVENT], next: 'x' });
    });

    it('refuses a status that there is not', async () => {
      const { exitCode, stderr } = await run(['list', '--status', 'lost']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('Allowed choices are accepted, revision, test, quarantined');
    });
  });

  describe('show', () => {
    it('prints the call in short, decisions with their reason, and deliveries', async () => {
      trial.answer(DETAILS);
      const { stdout } = await run(['show', ID]);
      expect(trial.asked()).toEqual([[`GET /api/v1/events/${ID}`]]);
      const zoned = / \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d/;
      expect(stdout.replace(zoned, ' <time>')).toBe(`event ${ID}  revision 2
  source    autocalls
  call      12345
  received  <time> (3 h ago)
  contact   +1234567890
  labels    client=acme
  problem   duration: no number

Call
  status: completed
  duration: 125
  campaign.name: Winter
  extracted_variables:
    summary: "asked for\\a a demo"

Decisions
  hot-lead  fired
  again     not evaluated: this rule led to the call (on_own_calls)
  late      undecided (shadow): lead.x missing

Deliveries
  DELIVERY  STATE      ACTION        TO        DUE      ATTEMPTS  WHY
  d1        delivered  hot-lead.crm  crm-hook  3 h ago  1

every rule with what it saw:
  aftercall explain ${ID} --url ${trial.server.url}
`);
    });

    it('says when there is nothing to show', async () => {
      trial.answer({ ...DETAILS, status: 'quarantined', call: null, decisions: [], deliveries: [] });
      const { stdout } = await run(['show', ID]);
      expect(stdout).toContain('Call\n  not readable as a call\n');
      expect(stdout).toContain('Decisions\n  none\n');
      expect(stdout).toContain('Deliveries\n  none\n');
      trial.answer({ ...DETAILS, call: null });
      expect((await run(['show', ID])).stdout).toContain('Call\n  not kept any more\n');
    });
  });

  describe('replay', () => {
    const replayed = {
      event_id: ID,
      fired: ['hot-lead'],
      planned: ['p1', 'p2'],
      retried: ['r1'],
      canceled: ['c1'],
      left: ['l1', 'l2'],
    };

    it('prints what became of each delivery and why', async () => {
      trial.server.respondAt(`/api/v1/events/${ID}/replay`, { body: replayed });
      const deliveries = [
        delivery('p1', 'pending', null),
        delivery('p2', 'held', 'replayed'),
        delivery('r1', 'pending', null),
        delivery('c1', 'canceled', 'replayed'),
        delivery('l1', 'sending', null),
        delivery('l2', 'dead', 'unknown: timeout'),
      ];
      trial.server.respondAt(`/api/v1/events/${ID}`, { body: { ...DETAILS, deliveries } });
      const { exitCode, stdout } = await run(['replay', ID, '--rules', 'now']);
      expect(exitCode).toBe(0);
      expect(trial.asked()[0]).toEqual([
        `POST /api/v1/events/${ID}/replay`,
        { rules: 'now', send: 'undelivered' },
      ]);
      expect(stdout).toBe(`replayed ${ID}  fired hot-lead
  planned   p1  hot-lead.crm -> crm-hook  due now
  planned   p2  hot-lead.crm -> crm-hook  held: it reaches a contact
  retried   r1  hot-lead.crm -> crm-hook  under the same idempotency key
  canceled  c1  hot-lead.crm -> crm-hook  planned anew in its place
  left      l1  hot-lead.crm -> crm-hook  on its way
  left      l2  hot-lead.crm -> crm-hook  dead: it may have arrived
release what is to reach the contact with
  aftercall deliveries release p2 --url ${trial.server.url}
`);
    });

    it('prints what the API says as JSON, and says when nothing followed', async () => {
      const nothing = { ...replayed, fired: [], planned: [], retried: [], canceled: [], left: [] };
      trial.server.respondAt(`/api/v1/events/${ID}/replay`, { body: nothing });
      trial.server.respondAt(`/api/v1/events/${ID}`, { body: DETAILS });
      expect(JSON.parse((await run(['replay', ID, '-o', 'json'])).stdout)).toEqual(nothing);
      expect((await run(['replay', ID])).stdout).toBe(`replayed ${ID}  no rule fired\n  nothing to send\n`);
    });

    it('tells the problems of an event that cannot be read', async () => {
      const problems = [{ path: '', problem: 'not valid JSON' }];
      trial.answer({ status: 'unreadable', message: 'this event cannot be read as a call', problems }, 422);
      const { exitCode, stderr } = await run(['replay', ID]);
      expect(exitCode).toBe(1);
      expect(stderr).toBe(`aftercall: ${ID}: this event cannot be read as a call\n  not valid JSON\n`);
    });

    it.each([
      ['then', 'undelivered', 'by the rules that decided them; what has not arrived will be sent'],
      ['now', 'all', 'by the rules in force; everything will be sent once more, also what arrived'],
      ['now', 'none', 'by the rules in force; nothing will be sent'],
    ])('in bulk with rules %s and send %s says what will happen', async (rules, send, words) => {
      trial.answer({ count: 2, refused: 0, refusals: [] });
      const questions: string[] = [];
      const ask = (question: string) => Promise.resolve(String(questions.push(question) && 'yes'));
      const flags = ['--status', 'quarantined', '--rules', rules, '--send', send];
      const { exitCode, stdout } = await run(['replay', ...flags], { ask });
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'replayed 2 events\n' });
      expect(questions).toEqual([`2 events will be decided anew ${words}. Go on? [y/N] `]);
      expect(trial.asked()).toEqual([
        ['POST /api/v1/events/replay', { status: 'quarantined', rules, send, dry_run: true }],
        ['POST /api/v1/events/replay', { status: 'quarantined', rules, send }],
      ]);
    });

    it('lists what was refused and answers 1', async () => {
      trial.answer({ count: 1, refused: 3, refusals: [{ event_id: ID, message: 'its bytes are gone' }] });
      const { exitCode, stdout } = await run(['replay', '--all', '--yes']);
      expect(exitCode).toBe(1);
      expect(stdout).toBe(`replayed 1 event\nrefused 3 events\n  ${ID}  its bytes are gone\n  and 2 more\n`);
    });

    it('only counts with --dry-run', async () => {
      trial.answer({ count: 1, refused: 0, refusals: [] });
      expect((await run(['replay', '--all', '--dry-run'])).stdout).toBe('1 event matches\n');
    });
  });
});
