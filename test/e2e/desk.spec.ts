import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { freePort } from '../support/server-process.js';
import { freshCall, post } from './hook-client.js';
import { describe, onPostgres, onSqlite, pair } from './pair.js';
import { type Trial, createTrial, until } from './trial.js';

const TOKEN = 'desk-hook-token-0123';
const ADMIN_TOKEN = 'desk-admin-token-012345';

interface Listed {
  items: { id: string; event_id: string; state: string; destination: string; idempotency_key: string }[];
  next: string | null;
}

let trial: Trial;
let sink: HttpSink;

beforeEach(async () => {
  sink = await startHttpSink();
  trial = await createTrial();
  writeMainFile();
  writeRules({
    forward: { match: 'everything', then: [{ id: 'send', to: 'crm', with: { body: ID_ONLY } }] },
  });
});
afterEach(async () => {
  await trial.remove();
  await sink.close();
});

const NOT_THERE = {
  sqlite: /^aftercall: .*aftercall\.db: there is no such database\n$/,
  postgres: /^aftercall: postgres:\/\/\S+: the database is empty\n$/,
};
const ID_ONLY = { id: '{{ id }}' };

function writeMainFile(): void {
  const http = (path: string) => ({
    ...{ kind: 'http', url: `${sink.url}/${path}`, concurrency: 50 },
    retry: { waits: ['10ms'] },
  });
  trial.write('aftercall.yaml', {
    sources: { autocalls: { kind: 'autocalls', token: TOKEN } },
    admin: { token: ADMIN_TOKEN },
    destinations: { crm: http('crm'), pager: http('pager') },
    egress: { allow: ['127.0.0.1/32'] },
  });
}

function writeRules(rules: object): void {
  trial.write('rules/rules.yaml', { rules });
}

const send = (call = freshCall()) => post(trial.hook('autocalls', TOKEN), call);

async function states(): Promise<string[]> {
  const rows = await trial.rows<{ state: string }>('select state from deliveries order by seq');
  return rows.map(({ state }) => state);
}

/** Waits until there are so many deliveries in this state, and no other. */
async function untilAll(state: string, count: number, withinMs?: number): Promise<void> {
  const sql = 'select state, count(*) as count from deliveries group by state';
  const wanted = JSON.stringify([{ state, count }]);
  await until(async () => JSON.stringify(await trial.rows(sql)) === wanted, withinMs);
}

/** Calls whose deliveries died, because the destination answers 500. */
async function makeDead(calls: number): Promise<void> {
  sink.respondWith({ status: 500 });
  await trial.start();
  for (let i = 0; i < calls; i += 1) await send();
  await untilAll('dead', calls);
  sink.reset();
}

/** Runs a command that must succeed; answers what it printed. */
function aftercall(...args: string[]): string {
  const { status, stdout, stderr } = trial.run(args);
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
  return stdout;
}

const listed = (...args: string[]) =>
  JSON.parse(aftercall('deliveries', 'list', ...args, '-o', 'json')) as Listed;
/** Leads a command to the running server. */
const there = () => ['--url', trial.server.url, '--token', ADMIN_TOKEN];
const keysAt = (path: string) =>
  sink.requests
    .filter((request) => request.path === path)
    .map(({ headers }) => headers['idempotency-key'] ?? '');

describe('the store of a stopped server', () => {
  it('has dead deliveries retried, and they arrive after the next start', async () => {
    await makeDead(3);
    await trial.server.end();

    const { items } = listed('--state', 'dead', '--destination', 'crm');
    expect(items).toHaveLength(3);
    const [first] = items;
    const shown = aftercall('deliveries', 'show', first?.id ?? '');
    expect(shown).toMatch(/ {2}1 {2}.* {2}500 {2}.*\n {2}2 {2}.* {2}500 {2}/);
    expect(shown).toContain(`dead: retry it with\n  aftercall deliveries retry ${first?.id}\n`);

    const retried = aftercall('deliveries', 'retry', first?.id ?? '');
    expect(retried).toMatch(
      /^retried .* pending\nwhat is due goes out once the server runs: aftercall serve\n$/,
    );
    expect(aftercall('deliveries', 'retry', '--rule', 'forward', '--yes')).toMatch(
      /^retried 2 dead deliveries\n/,
    );
    expect(await states()).toEqual(['pending', 'pending', 'pending']);

    await trial.start();
    await untilAll('delivered', 3);
    expect(keysAt('/crm').sort()).toEqual(items.map((item) => item.idempotency_key).sort());
  });

  it('is read page by page, newest first', async () => {
    await makeDead(3);
    await trial.server.end();
    const all = listed().items.map(({ id }) => id);
    const first = listed('--limit', '2');
    const second = listed('--limit', '2', '--cursor', first.next ?? '');
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(all);
    expect(second.next).toBeNull();
    expect(aftercall('deliveries', 'list', '--limit', '2')).toContain(`--cursor ${first.next}\n`);
    expect(aftercall('deliveries', 'list', '--since', '1h', '--until', '30m')).toBe('no deliveries match\n');
  });

  it('has a held delivery released with the value that was missing', async () => {
    const body = { city: '{{ lead.variables.nowhere }}', id: '{{ id }} {{ lead.variables.nowhere }}' };
    writeRules({ forward: { match: 'everything', then: [{ id: 'send', to: 'crm', with: { body } }] } });
    await trial.start();
    await send();
    await send();
    await untilAll('held', 2);
    await trial.server.end();
    const [one, other] = listed('--state', 'held').items;
    expect(aftercall('deliveries', 'show', one?.id ?? '')).toContain(
      'held: a value is missing: lead.variables.nowhere',
    );
    aftercall('deliveries', 'release', one?.id ?? '', '--set', 'body={"city":"Graz"}');
    aftercall('deliveries', 'release', other?.id ?? '', '--if-missing', 'empty');
    await trial.start();
    await untilAll('delivered', 2);
    expect(sink.requests.map(({ json }) => json)).toContainEqual({ city: 'Graz' });
  });

  it('takes back what is not to be sent, and says so', async () => {
    await makeDead(2);
    await trial.server.end();
    const [first] = listed().items;
    aftercall('deliveries', 'cancel', first?.id ?? '');
    const again = trial.run(['deliveries', 'cancel', first?.id ?? '']);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/: this delivery is canceled; cancel is for .*\n$/);
    expect(trial.run(['deliveries', 'cancel', 'nonsense'])).toMatchObject({
      status: 2,
      stderr: 'aftercall: there is no delivery "nonsense"\n',
    });
    const bulk = trial.run(['deliveries', 'cancel', '--all']);
    expect(bulk.status).toBe(2);
    expect(bulk.stderr).toContain('1 pending, held or dead delivery will be taken back for good; say --yes');
    expect(aftercall('deliveries', 'cancel', '--all', '--yes')).toContain('canceled 1 ');
    expect(await states()).toEqual(['canceled', 'canceled']);
  });

  it('has events replayed by the rules of then or now, and explained by those of then', async () => {
    await makeDead(1);
    await trial.server.end();
    const [event] = (JSON.parse(aftercall('events', 'list', '-o', 'json')) as Listed).items;
    const id = event?.id ?? '';
    writeRules({
      forward: { match: { status: 'busy' }, then: [{ id: 'send', to: 'crm', with: { body: ID_ONLY } }] },
      page: { match: { status: 'completed' }, then: [{ id: 'page', to: 'pager', with: { body: ID_ONLY } }] },
    });
    expect(aftercall('events', 'show', id)).toMatch(/Decisions\n {2}forward {2}fired\n/);
    expect(aftercall('explain', id)).toMatch(/^forward {2}fired\n/);
    expect(aftercall('explain', id, '--rules', 'now')).toMatch(
      /^forward {2}not matched\n(.*\n)+page {2}fired\n/,
    );

    expect(aftercall('events', 'replay', id)).toMatch(
      new RegExp(
        `^replayed ${id} {2}fired forward\n {2}retried .*forward.send -> crm .*same idempotency key\n`,
      ),
    );
    expect(aftercall('events', 'replay', '--source', 'autocalls', '--rules', 'now', '--yes')).toBe(
      'replayed 1 event\n',
    );
    await trial.start();
    await untilAll('delivered', 2);
    expect([keysAt('/crm').length, keysAt('/pager').length]).toEqual([1, 1]);
  });

  it('is not made by a command that looks for it', async () => {
    for (const args of [['list'], ['retry', '--all', '--yes']]) {
      const { status, stderr } = trial.run(['deliveries', ...args]);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(NOT_THERE[pair]) });
    }
    await expect(trial.rows('select * from deliveries')).rejects.toThrow();
  });
});

describe('a running server', () => {
  it('has dead deliveries retried, one by one and in bulk', async () => {
    await makeDead(3);
    const { items } = listed('--state', 'dead', ...there());
    const [first] = items;
    expect(aftercall('deliveries', 'show', first?.id ?? '', ...there())).toContain(
      `aftercall deliveries retry ${first?.id} --url ${trial.server.url}\n`,
    );
    expect(aftercall('deliveries', 'retry', first?.id ?? '', ...there())).toMatch(
      /^retried \S+ {2}forward\.send -> crm/,
    );
    expect(aftercall('deliveries', 'retry', '--destination', 'crm', '--dry-run', ...there())).toMatch(
      /^[23] dead deliveries match\n$/,
    );
    aftercall('deliveries', 'retry', '--destination', 'crm', '--yes', ...there());
    await untilAll('delivered', 3);
    expect(keysAt('/crm').sort()).toEqual(items.map((item) => item.idempotency_key).sort());
  });

  it('takes address and token from the environment', async () => {
    await makeDead(1);
    const env = { AFTERCALL_URL: trial.server.url, AFTERCALL_ADMIN_TOKEN: ADMIN_TOKEN };
    expect(trial.run(['deliveries', 'retry', '--all', '--yes', '-o', 'json'], env)).toMatchObject({
      status: 0,
      stdout: '{\n  "count": 1\n}\n',
    });
    await untilAll('delivered', 1);
  });

  it('shows, explains and replays events', async () => {
    await makeDead(1);
    const [event] = (JSON.parse(aftercall('events', 'list', '-o', 'json', ...there())) as Listed).items;
    const id = event?.id ?? '';
    expect(aftercall('events', 'show', id, ...there())).toMatch(/status: completed\n/);
    expect(aftercall('explain', id, 'forward', ...there())).toMatch(/^forward {2}fired\n/);
    expect(aftercall('events', 'replay', id, ...there())).toMatch(/\n {2}retried /);
    await untilAll('delivered', 1);
  });

  onPostgres.it('may be changed beside, and it goes on at once (a database has many writers)', async () => {
    await makeDead(1);
    expect(aftercall('deliveries', 'retry', '--all', '--yes')).toMatch(/^retried 1 dead delivery\n/);
    await untilAll('delivered', 1);
  });

  onSqlite.it('is read beside, but not changed behind its back (a file has one writer)', async () => {
    await makeDead(1);
    expect(listed().items).toHaveLength(1);
    for (const args of [
      ['deliveries', 'retry', '--all', '--yes'],
      ['events', 'replay', '--all', '--yes'],
    ]) {
      const { status, stderr } = trial.run(args);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^aftercall: a server is running on .*aftercall\.db; add --url http:\/\/127\.0\.0\.1:3000 to ask that server, or stop it first\n$/,
      );
    }
    const env = { PORT: new URL(trial.server.url).port };
    const { stderr } = trial.run(['deliveries', 'retry', '--all', '--yes'], env);
    expect(stderr).toContain(`add --url ${trial.server.url} to`);
    expect(trial.run(['deliveries', 'retry', '--all', '--yes', '--url', trial.server.url], env).status).toBe(
      0,
    );
  });

  it('refuses a wrong token, an unknown id and a wrong state', async () => {
    await makeDead(1);
    const [first] = listed().items;
    const run = (args: string[], token = ADMIN_TOKEN) => {
      const { status, stderr } = trial.run([...args, '--url', trial.server.url, '--token', token]);
      return { status, stderr };
    };
    expect(run(['deliveries', 'list'], 'wrong')).toEqual({
      status: 2,
      stderr: expect.stringContaining(
        'does not accept this admin token; give the right one in AFTERCALL_ADMIN_TOKEN',
      ),
    });
    expect(run(['deliveries', 'retry', 'nonsense'])).toMatchObject({ status: 2 });
    expect(run(['deliveries', 'release', first?.id ?? ''])).toEqual({
      status: 1,
      stderr: `aftercall: ${first?.id}: this delivery is dead; release is for held deliveries\n`,
    });
  });

  it('is missed with exit code 3', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { status, stderr } = trial.run(['events', 'list', '--url', url, '--token', ADMIN_TOKEN]);
    expect(status).toBe(3);
    expect(stderr).toContain(`${url} cannot be reached`);
  });
});

describe('10,000 dead deliveries', () => {
  it('arrive when retried in bulk, none twice at a destination that knows keys', async () => {
    const actions = Array.from({ length: 100 }, (_, i) => ({
      id: `a${i}`,
      to: 'crm',
      with: { body: ID_ONLY },
    }));
    writeRules({ many: { match: 'everything', then: actions } });
    // Refused for good: dead after one attempt, and no breaker counts it.
    sink.respondWith({ status: 400 });
    await trial.start();
    for (let i = 0; i < 100; i += 1) await send();
    await untilAll('dead', 10_000, 60_000);
    const died = keysAt('/crm');
    sink.reset();

    expect(aftercall('deliveries', 'retry', '--all', '--yes', ...there())).toBe(
      'retried 10000 dead deliveries\n',
    );
    await untilAll('delivered', 10_000, 60_000);
    const arrived = keysAt('/crm');
    expect(arrived).toHaveLength(10_000);
    expect(new Set(arrived)).toEqual(new Set(died));
  }, 120_000);
});
