import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../../test/support/http-sink.js';
import { freePort } from '../../test/support/server-process.js';
import { type CommandTrial, startTrial, type TrialIo } from '../../test/support/try-command.js';

const ID = '01a20abe-0c99-7468-b203-f1cc643cacf6';
const EVENT = '01a20abe-0c8e-7c73-91a6-15225e56819d';
const NOW = Date.UTC(2026, 10, 23, 12);

const DEAD = {
  id: ID,
  event_id: EVENT,
  rule: 'hot-lead',
  action: 'crm',
  destination: 'crm-hook',
  kind: 'http',
  operation: 'send',
  state: 'dead',
  due_at: '2026-11-23T10:00:00.000Z',
  attempt_count: 2,
  reason: 'server_error',
  idempotency_key: `aftercall-${ID}`,
};
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
    },
    {
      number: 2,
      started_at: '2026-11-23T10:00:00.000Z',
      duration_ms: 2345,
      outcome: 'retry',
      reason: 'server_error',
      http_status: 502,
      message: 'answered 502',
    },
  ],
};

describe('aftercall deliveries', () => {
  let server: HttpSink;
  let trial: CommandTrial;
  beforeAll(async () => {
    server = await startHttpSink();
    trial = startTrial();
  });
  afterEach(() => server.reset());
  afterAll(async () => {
    await server.close();
    trial.remove();
  });

  const run = (args: string[], io: TrialIo = {}) =>
    trial.run(['deliveries', ...args, '--url', server.url, '--token', 'admin-token'], {
      now: () => NOW,
      ...io,
    });
  const answer = (body: unknown, status = 200) => server.respondWith({ status, body });
  const asked = () =>
    server.requests.map(({ method, path, query, json }) => {
      const search = query.size === 0 ? '' : `?${query.toString()}`;
      return [`${method} ${path}${search}`, ...(json === undefined ? [] : [json])];
    });

  describe('list', () => {
    it('prints a line each, with the reason in words', async () => {
      answer({ items: [DEAD, { ...DEAD, state: 'delivered', reason: null, destination: '' }], next: null });
      const { exitCode, stdout } = await run(['list']);
      expect(exitCode).toBe(0);
      expect(stdout)
        .toBe(`DELIVERY                              STATE      ACTION        TO        DUE      ATTEMPTS  WHY
${ID}  dead       hot-lead.crm  crm-hook  2 h ago  2         the destination answered with an error of its own
${ID}  delivered  hot-lead.crm  nowhere   2 h ago  2
`);
      expect(server.requests[0]?.headers.authorization).toBe('Bearer admin-token');
    });

    it('hands the filters on, times as of now', async () => {
      answer({ items: [], next: null });
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
      expect(asked()).toEqual([[`GET /api/v1/deliveries?${query.join('&')}`]]);
    });

    it('says how to get the next page', async () => {
      answer({ items: [DEAD], next: 'bmV4dA' });
      expect((await run(['list'])).stdout).toMatch(
        /\n\nthere are more: say the same with --cursor bmV4dA\n$/,
      );
    });

    it('prints what the API says as JSON', async () => {
      const page = { items: [DEAD], next: 'x' };
      answer(page);
      expect(JSON.parse((await run(['list', '-o', 'json'])).stdout)).toEqual(page);
    });

    it('is coloured on a terminal only', async () => {
      answer({ items: [DEAD], next: null });
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
      expect(server.requests).toEqual([]);
    });
  });

  describe('show', () => {
    it('prints attempts, input, key and what can be done next', async () => {
      answer(DETAILS);
      const { exitCode, stdout } = await run(['show', ID]);
      expect(exitCode).toBe(0);
      expect(asked()).toEqual([[`GET /api/v1/deliveries/${ID}`]]);
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
  aftercall deliveries retry ${ID} --url ${server.url}
or take it back with
  aftercall deliveries cancel ${ID} --url ${server.url}
`);
    });

    it.each([
      ['missing: lead.city', '--set <field>=<value>'],
      ['missing: lead.city', '--if-missing omit'],
      ['unknown: timeout', 'look at the destination'],
      ['destination_gone', 'bring its destination back'],
      ['replayed', `release it with\n  aftercall deliveries release ${ID}`],
    ])('held for %s says what to do', async (reason, words) => {
      answer({ ...DETAILS, state: 'held', reason, input: null, attempts: [] });
      const { stdout } = await run(['show', ID]);
      expect(stdout).toContain(words);
      expect(stdout).toContain('not rendered yet');
      expect(stdout).toContain(`or take it back with\n  aftercall deliveries cancel ${ID}`);
    });

    it('offers nothing for what was delivered', async () => {
      answer({ ...DETAILS, state: 'delivered', reason: null });
      expect((await run(['show', ID])).stdout).toMatch(/name: "Jo\\e\[31mhn"\n$/);
    });
  });

  describe('retry, release, cancel by id', () => {
    it('does the same for each id and says what became of it', async () => {
      answer({ ...DEAD, state: 'pending', reason: null });
      const { exitCode, stdout } = await run(['retry', ID, EVENT]);
      expect(exitCode).toBe(0);
      expect(stdout).toBe(`retried ${ID}  hot-lead.crm -> crm-hook  pending\n`.repeat(2));
      expect(asked()).toEqual([
        [`POST /api/v1/deliveries/${ID}/retry`, {}],
        [`POST /api/v1/deliveries/${EVENT}/retry`, {}],
      ]);
    });

    it('goes on after a refusal and answers 1', async () => {
      server.respondAt(`/api/v1/deliveries/${ID}/cancel`, {
        status: 409,
        body: {
          status: 'conflict',
          message: 'this delivery is delivered; cancel is for pending or dead ones',
        },
      });
      answer({ ...DEAD, state: 'canceled', reason: 'by_person' });
      const { exitCode, stdout, stderr } = await run(['cancel', ID, EVENT]);
      expect(exitCode).toBe(1);
      expect(stderr).toBe(
        `aftercall: ${ID}: this delivery is delivered; cancel is for pending or dead ones\n`,
      );
      expect(stdout).toContain('canceled: taken back by a person');
    });

    it('answers 2 to an unknown id', async () => {
      answer({ status: 'not_found', message: 'there is no delivery "x"' }, 404);
      expect(await run(['retry', 'x'])).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: 'aftercall: there is no delivery "x"\n',
      });
    });

    it('releases with other input: JSON where it is JSON, every digit of long numbers, else text', async () => {
      answer({ ...DEAD, state: 'pending', reason: null });
      const set = ['to=+1234567890', 'n=12345678901234567890', 'body={"a":[1]}', 'text=a=b'];
      await run(['release', ID, '--if-missing', 'omit', ...set.flatMap((each) => ['--set', each])]);
      const input = { to: '+1234567890', n: '12345678901234567890', body: { a: [1] }, text: 'a=b' };
      expect(asked()).toEqual([
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
      expect(server.requests).toEqual([]);
    });
  });

  describe('in bulk', () => {
    it('counts, asks, and does it', async () => {
      answer({ count: 12 });
      const questions: string[] = [];
      const ask = (question: string) => Promise.resolve(String(questions.push(question) && 'y'));
      const { exitCode, stdout } = await run(['retry', '--destination', 'crm'], { ask });
      expect(exitCode).toBe(0);
      expect(questions).toEqual(['12 dead deliveries will be tried again at once. Go on? [y/N] ']);
      expect(stdout).toBe('retried 12 dead deliveries\n');
      expect(asked()).toEqual([
        ['POST /api/v1/deliveries/retry', { destination: 'crm', dry_run: true }],
        ['POST /api/v1/deliveries/retry', { destination: 'crm' }],
      ]);
    });

    it.each(['', 'n', 'ja', 'yesterday'])('changes nothing when the answer is %j', async (said) => {
      answer({ count: 1 });
      const { exitCode, stdout, stderr } = await run(['cancel', '--all'], {
        ask: () => Promise.resolve(said),
      });
      expect({ exitCode, stdout, stderr }).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: 'nothing was changed\n',
      });
      expect(asked()).toEqual([['POST /api/v1/deliveries/cancel', { dry_run: true }]]);
    });

    it('refuses without a terminal, and says how many it would be', async () => {
      answer({ count: 3 });
      const { exitCode, stderr } = await run(['release', '--rule', 'x']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('3 held deliveries will be let go and sent; say --yes to go on');
      expect(server.requests).toHaveLength(1);
    });

    it('asks nothing with --yes, and prints the answer of the API as JSON', async () => {
      answer({ count: 2 });
      const { stdout } = await run(['cancel', '--state', 'held', '--yes', '-o', 'json']);
      expect(JSON.parse(stdout)).toEqual({ count: 2 });
      expect(asked()).toEqual([['POST /api/v1/deliveries/cancel', { state: 'held' }]]);
    });

    it('only counts with --dry-run', async () => {
      answer({ count: 1 });
      expect((await run(['cancel', '--all', '--dry-run', '--yes'])).stdout).toBe(
        '1 pending, held or dead delivery matches\n',
      );
      expect(asked()).toEqual([['POST /api/v1/deliveries/cancel', { dry_run: true }]]);
    });

    it('asks nobody about nothing', async () => {
      answer({ count: 0 });
      expect(await run(['retry', '--all'])).toMatchObject({
        exitCode: 0,
        stdout: '0 dead deliveries match\n',
      });
    });

    it('releases all with the same input', async () => {
      answer({ count: 2 });
      await run(['release', '--rule', 'x', '--set', 'text=Hi', '--yes']);
      expect(asked()).toEqual([['POST /api/v1/deliveries/release', { rule: 'x', with: { text: 'Hi' } }]]);
    });
  });

  describe('a server that does not do as asked', () => {
    it.each([
      [
        401,
        { status: 'unauthorized', message: 'wrong or missing token' },
        2,
        /does not accept this admin token/,
      ],
      [400, { status: 'bad_request', message: 'state: x' }, 2, /^aftercall: state: x\n$/],
      [
        503,
        { status: 'unavailable', message: 'the store cannot write' },
        3,
        /answered 503: the store cannot/,
      ],
      [404, '<html>nginx</html>', 3, /answered 404, which is no answer of Aftercall's admin API/],
      [200, 'ok', 3, /answered 200, which is no answer of Aftercall's admin API/],
      [302, '', 3, /answered 302/],
    ])('%s %j', async (status, body, exitCode, words) => {
      answer(body, status);
      const result = await run(['list']);
      expect(result).toMatchObject({ exitCode, stdout: '' });
      expect(result.stderr).toMatch(words);
      expect(result.stderr).not.toContain('admin-token');
    });

    it('answers 3 when there is none', async () => {
      const url = `http://127.0.0.1:${await freePort()}`;
      const { exitCode, stderr } = await trial.run(['deliveries', 'list', '--url', url, '--token', 'x']);
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/cannot be reached: .*ECONNREFUSED.*; is the server running\?/);
    });

    it.each(['nonsense', 'ftp://x', 'http://user:pass@127.0.0.1'])('%s is no address', async (url) => {
      const { exitCode, stderr } = await trial.run(['deliveries', 'list', '--url', url, '--token', 'x']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('is no address');
    });
  });

  describe('the token', () => {
    const configured = () =>
      trial.write(
        'config/aftercall.yaml',
        `schema: 1\nserver: { port: ${server.port} }\nadmin: { token: token-of-the-configuration }\n`,
      );

    it('comes from the configuration for the configured server', async () => {
      configured();
      answer({ items: [], next: null });
      expect((await trial.run(['deliveries', 'list', '--url', `${server.url}/`])).exitCode).toBe(0);
      expect(server.requests[0]?.headers.authorization).toBe('Bearer token-of-the-configuration');
    });

    it('is not sent to another server', async () => {
      configured();
      const { exitCode, stderr } = await trial.run([
        'deliveries',
        'list',
        '--url',
        `${server.url}/elsewhere`,
      ]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('give it in AFTERCALL_ADMIN_TOKEN or with --token');
      expect(server.requests).toEqual([]);
    });
  });
});
