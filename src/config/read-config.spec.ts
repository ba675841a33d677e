import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Adapter } from '../adapters/adapter.js';
import { loadAdapters } from '../adapters/catalogue.js';
import { type JsonObject } from '../lib/json.js';
import { loadSources } from '../sources/catalogue.js';
import { type Source } from '../sources/source.js';
import { type Config } from './config.js';
import { type ConfigInput, type ConfigReading, formatProblem, readConfig } from './read-config.js';

const TOKEN = 'a-token-of-more-than-16-signs';
const SAY_HI = { id: 'tell', to: 'screen', with: { text: 'hi' } };
const RULE = { match: 'everything', then: [SAY_HI] };

let kinds: ReadonlyMap<string, Adapter>;
let sourceKinds: ReadonlyMap<string, Source>;
let dir: string;

beforeAll(async () => {
  kinds = await loadAdapters();
  sourceKinds = await loadSources();
});

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'aftercall-config-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), text);
}

function read(
  input: ConfigInput = dir,
  env: Record<string, string> = {},
  overlay?: JsonObject,
): Promise<ConfigReading> {
  return readConfig({ input, env, kinds, sourceKinds, overlay });
}

async function good(
  input: ConfigInput = dir,
  env: Record<string, string> = {},
  overlay?: JsonObject,
): Promise<Config> {
  const reading = await read(input, env, overlay);
  if (!reading.ok) throw new Error(reading.problems.map(formatProblem).join('\n'));
  return reading.config;
}

async function lines(input: ConfigInput = dir, env: Record<string, string> = {}): Promise<string[]> {
  const reading = await read(input, env);
  return (reading.ok ? reading.config.warnings : reading.problems).map(formatProblem);
}

function settings(more: object = {}): object {
  return {
    sources: { autocalls: { kind: 'autocalls' } },
    destinations: { screen: { kind: 'log' } },
    ...more,
  };
}

const MAIN =
  'schema: 1\nsources: { autocalls: { kind: autocalls } }\ndestinations: { screen: { kind: log } }\n';
const RULES =
  'schema: 1\nrules:\n  a: { match: everything, then: [{ id: tell, to: screen, with: { text: hi } }] }\n';

describe('the example configuration', () => {
  it('loads without environment and without a warning', async () => {
    expect(await lines('config')).toEqual([]);
  });

  it('also fits the kinds it stands in for', async () => {
    const webhook = { kind: 'slack', webhook_url: 'https://hooks.example.com/T0' };
    const destinations = {
      'sales-slack': webhook,
      'ops-slack': webhook,
      mail: { kind: 'email', smtp_url: 'smtp://mail.example.com', from: 'Calls <calls@example.com>' },
      crm: { kind: 'http', url: 'https://crm.example.com/leads' },
    };
    const config = await good('config', {}, { destinations });
    expect([...config.destinations.values()].map(({ adapter }) => adapter.kind)).toEqual([
      'slack',
      'slack',
      'email',
      'http',
    ]);
  });
});

describe('a good configuration', () => {
  it('has defaults for what is left out', async () => {
    const config = await good({ ...settings(), rules: { a: RULE } });
    expect(config).toMatchObject({
      dir: null,
      timezone: 'UTC',
      server: { host: '127.0.0.1', port: 3000, publicUrl: null, trustedProxies: [] },
      storage: 'sqlite:./data/aftercall.db',
      queue: null,
      adminToken: null,
      scopeLabel: null,
      egressAllow: [],
      alerts: [],
    });
    expect(config.sources.get('autocalls')).toMatchObject({
      tokens: [],
      allowIps: [],
      timezone: null,
      labels: {},
    });
    expect(config.destinations.get('screen')).toMatchObject({
      ...{
        enabled: true,
        only: null,
        rate: null,
        timeoutMs: 15_000,
        concurrency: 5,
        defaultOperation: 'write',
      },
      retryWaitsMs: [5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400].map(
        (seconds) => seconds * 1000,
      ),
    });
    expect(config.ruleSet.rules).toEqual([
      {
        ...{
          id: 'a',
          file: 'config',
          title: null,
          state: 'live',
          sources: 'all',
          condition: { match: 'everything' },
        },
        ...{ missing: 'undecided', stop: false, catchAll: false, order: 0, maxAgeMs: null },
        actions: [
          {
            id: 'tell',
            to: 'screen',
            do: null,
            with: { text: 'hi' },
            onlyIf: null,
            ifMissing: null,
            onRevision: 'refresh',
            ifUnknown: null,
            retryWaitsMs: null,
            timeoutMs: null,
            ordered: null,
            needs: [],
          },
        ],
      },
    ]);
  });

  it('says everything that can be said', async () => {
    const config = await good({
      timezone: 'Europe/Vienna',
      server: { public_url: 'https://hooks.example.com/', trusted_proxies: ['10.0.0.0/8'] },
      storage: 'postgres://calls:pa%40ss@db/calls',
      queue: 'redis://127.0.0.1:6379',
      admin: { token: TOKEN },
      sources: {
        autocalls: {
          kind: 'autocalls',
          token: [TOKEN, `${TOKEN}-2`],
          allow_ips: ['203.0.113.0/24'],
          timezone: 'America/New_York',
          labels: { client: 'acme' },
        },
      },
      destinations: {
        screen: {
          kind: 'log',
          retry: { waits: ['1s'] },
          timeout: 'PT5S',
          rate: '100/10s',
          only: { client: 'acme' },
          enabled: false,
        },
      },
      tables: { team_of: { '+1987654321': 'screen' } },
      calendars: { office: { open: { 'mon-fri': '09:00-17:00' } } },
      contacts: { scope: 'labels.client' },
      egress: { allow: ['127.0.0.1/32'] },
      alerts: [{ to: 'screen', on: ['dead'] }],
      rules: {
        a: { ...RULE, order: 2, max_age: '24h' },
        b: {
          ...RULE,
          order: 1,
          state: 'shadow',
          then: [{ ...SAY_HI, to: { table: 'team_of', key: '{{ assistant_phone }}' } }],
        },
      },
      templates: { 'hello.liquid': 'Hello {{ id }}' },
    });
    expect(config.server.publicUrl).toBe('https://hooks.example.com');
    expect(config.sources.get('autocalls')).toMatchObject({
      tokens: [TOKEN, `${TOKEN}-2`],
      allowIps: ['203.0.113.0/24'],
    });
    expect(config.destinations.get('screen')).toMatchObject({
      ...{
        retryWaitsMs: [1000],
        timeoutMs: 5000,
        rate: { count: 100, perMs: 10_000 },
        only: { client: 'acme' },
        enabled: false,
      },
    });
    expect(config.ruleSet.rules.map(({ id, maxAgeMs }) => [id, maxAgeMs])).toEqual([
      ['b', null],
      ['a', 86_400_000],
    ]);
    expect(config.ruleSet.calendars.office).toMatchObject({ timezone: 'Europe/Vienna' });
    expect(config.ruleSet.templates).toEqual({ 'hello.liquid': 'Hello {{ id }}' });
    expect(config.scopeLabel).toBe('client');
    expect(config.alerts).toEqual([{ to: 'screen', with: {}, on: ['dead'] }]);
    expect(config.secrets).toEqual(expect.arrayContaining([TOKEN, `${TOKEN}-2`, 'pa%40ss', 'pa@ss']));
  });

  it('is frozen', async () => {
    const config = await good({ ...settings(), rules: { a: RULE } });
    expect(() => (config.ruleSet.rules[0]!.stop = true)).toThrow(TypeError);
    expect(() => (config.server.port = 1)).toThrow(TypeError);
    expect(() => (config.destinations.get('screen')!.enabled = false)).toThrow(TypeError);
  });

  it('has a fingerprint that follows the rules and not the spacing', async () => {
    write('aftercall.yaml', MAIN);
    write('rules/a.yaml', RULES);
    const first = await good();
    write('rules/a.yaml', `# a comment\n${RULES}`);
    expect((await good()).fingerprint).toBe(first.fingerprint);
    write('rules/a.yaml', RULES.replace('text: hi', 'text: ho'));
    expect((await good()).fingerprint).not.toBe(first.fingerprint);
  });

  it('leaves room for notes at every level that is ours, and keeps them where keys are data', async () => {
    const config = await good({
      ...settings({ 'x-note': 1, tables: { 'x-note': 'free', city_of: { 'x-ray': 'Vienna' } } }),
      destinations: { screen: { kind: 'log', 'x-note': 1, retry: { waits: ['1s'], 'x-why': 'fast' } } },
      rules: {
        'x-old': 'gone',
        a: { ...RULE, 'x-note': '${NOT_A_VARIABLE}', then: [{ ...SAY_HI, 'x-note': 1 }] },
      },
    });
    expect(config.tables).toEqual({ city_of: { 'x-ray': 'Vienna' } });
    expect(config.ruleSet.rules.map(({ id }) => id)).toEqual(['a']);
  });

  it('lays other destinations over those of the file', async () => {
    write('aftercall.yaml', `${MAIN}server: { host: 0.0.0.0 }\n`);
    const overlay = {
      destinations: { screen: { kind: 'log', as: 'slack' } },
      server: { port: 0 },
      storage: 'sqlite:./x.db',
    };
    const config = await good(dir, {}, overlay);
    expect(config.destinations.get('screen')?.options).toEqual({ as: 'slack' });
    expect(config.server).toMatchObject({ host: '0.0.0.0', port: 0 });
    expect(config.storage).toBe('sqlite:./x.db');
  });

  it('keeps the tests of its rules with their place', async () => {
    write('aftercall.yaml', MAIN);
    write(
      'rules/a.yaml',
      `${RULES}tests:\n  - name: fires\n    given: { fixture: autocalls/completed-campaign, set: { duration: 5 } }\n    expect: { fired: [a], actions: { a.tell: { with: { text: hi } } } }\n`,
    );
    const reading = await read();
    expect(reading.ok && reading.tests).toEqual([
      {
        ...{ name: 'fires', file: 'rules/a.yaml', line: 5, at: null, source: null, earlier: [] },
        given: { fixture: 'autocalls/completed-campaign', call: null, set: { duration: 5 }, unset: [] },
        expect: {
          fired: ['a'],
          notFired: [],
          undecided: {},
          because: {},
          actions: { 'a.tell': { with: { text: 'hi' } } },
        },
      },
    ]);
  });
});

describe('the environment', () => {
  it('fills in texts, and numbers and true/false where they are expected', async () => {
    write(
      'aftercall.yaml',
      'schema: 1\nsources: { autocalls: { kind: autocalls, token: "${HOOK_TOKEN}" } }\nserver: { port: "${MY_PORT}" }\ndestinations: { screen: { kind: log, enabled: "${ON:-false}", concurrency: "${N:-2}" } }\n',
    );
    const config = await good(dir, { HOOK_TOKEN: '1234567890123456', MY_PORT: '8080' });
    expect(config.server.port).toBe(8080);
    expect(config.sources.get('autocalls')?.tokens).toEqual(['1234567890123456']);
    expect(config.destinations.get('screen')).toMatchObject({ enabled: false, concurrency: 2 });
    expect(config.secrets).toEqual(expect.arrayContaining(['1234567890123456', '8080']));
  });

  it('has PORT go before the file, except in a host application', async () => {
    write('aftercall.yaml', `${MAIN}server: { port: 4000 }\n`);
    expect((await good(dir, { PORT: '5000' })).server.port).toBe(5000);
    expect((await good(settings({ server: { port: 4000 } }), { PORT: '5000' })).server.port).toBe(4000);
    expect(await lines(dir, { PORT: 'http' })).toEqual([
      'aftercall.yaml:4:17  server.port  the environment variable PORT is no port; expected a number up to 65535',
    ]);
  });

  it('names the files of secrets for watching, readable or not', async () => {
    const secret = join(dir, 'token');
    write('token', `${TOKEN}\n`);
    write('aftercall.yaml', `${MAIN}admin: { token: "\${file:${secret}}" }\n`);
    const reading = await read();
    expect(reading.watchedFiles).toEqual([secret]);
    expect(reading.ok && reading.config.adminToken).toBe(TOKEN);
    rmSync(secret);
    expect(await read()).toMatchObject({ ok: false, watchedFiles: [secret] });
  });

  it('never shows a value in a problem', async () => {
    const env = { A: 'hush-hush-one', B: 'hush-hush-two' };
    const all = await lines(
      {
        sources: { autocalls: { kind: '${A}', timezone: '${B}', token: '${A}/${B}' } },
        timezone: '${A}',
        storage: '${B}',
        destinations: {
          '${A}': 1,
          b: { kind: '${B}', url: '${A}' },
          c: { kind: 'slack', webhook_url: '${A}' },
        },
        alerts: [{ to: '${A}' }],
        egress: { allow: ['${B}'] },
      },
      env,
    );
    expect(all.length).toBeGreaterThan(7);
    expect(all.join('\n')).not.toMatch(/hush/);
  });
});

describe('findings across files', () => {
  it('name both places of a rule id that stands twice', async () => {
    write('aftercall.yaml', MAIN);
    write('rules/a.yaml', RULES);
    write('rules/acme/b.yaml', RULES);
    expect(await lines()).toEqual([
      'rules/acme/b.yaml:3:3  rules.a  the rule a exists already in rules/a.yaml:3:3; ids are unique over all files',
    ]);
  });

  it('ask which sources a rule is for when they belong to different clients', async () => {
    const sources = {
      a: { kind: 'autocalls', labels: { client: 'acme' } },
      b: { kind: 'autocalls', labels: { client: 'bolt' } },
    };
    const of = (rule: object) => lines({ ...settings({ sources }), rules: { r: { ...RULE, ...rule } } });
    expect(await of({})).toEqual([
      'config:1:1  rules.r  says no sources; the sources belong to different clients (acme, bolt), so name them here or under defaults',
    ]);
    expect(await of({ sources: 'all' })).toEqual([]);
    expect(await of({ sources: { client: 'acme' } })).toEqual([]);
    expect(await of({ sources: { client: 'acmee' } })).toEqual([
      'config:1:1  rules.r.sources.client  warning: no source carries the label client: acmee, so only hook URLs that add it match; did you mean "acme"?',
    ]);
  });

  it('warn of a destination that would be refused, unless its network is opened', async () => {
    const destinations = {
      screen: { kind: 'log' },
      lan: { kind: 'http', url: 'http://127.0.0.1:9000/hook' },
    };
    const warned = await lines(settings({ destinations }));
    expect(warned).toHaveLength(1);
    expect(warned[0]).toMatch(
      /^config:1:1 {2}destinations\.lan {2}warning: would be refused: 127\.0\.0\.1, a forbidden address/,
    );
    expect(await lines(settings({ destinations, egress: { allow: ['127.0.0.0/8'] } }))).toEqual([]);
  });

  it('warn of weak tokens and of a file that is not read', async () => {
    write('aftercall.yaml', MAIN.replace('kind: autocalls', 'kind: autocalls, token: short'));
    write('rules/a.yml', RULES);
    expect(await lines()).toEqual([
      'aftercall.yaml:1:1  warning: rules/a.yml is not read; name it rules/a.yaml',
      'aftercall.yaml:2:49  sources.autocalls.token  warning: is shorter than 16 characters and could be guessed; leave it out and one is made',
    ]);
  });

  it('point into template files', async () => {
    write('aftercall.yaml', MAIN);
    write('templates/hello.liquid', 'Hello\n{{ name | upcaes }}');
    expect((await lines())[0]).toMatch(/^templates\/hello\.liquid:2:\d+ {2}unknown filter `upcaes`/);
  });

  it('say what cannot be read as a file', async () => {
    expect((await lines())[0]).toMatch(/^aftercall\.yaml:1:1 {2}is missing; run "aftercall init"/);
    write('aftercall.yaml', MAIN);
    mkdirSync(join(dir, 'rules'));
    symlinkSync('nowhere', join(dir, 'rules', 'gone.yaml'));
    symlinkSync('.', join(dir, 'rules', 'circle'));
    write('rules/big.yaml', `# ${'x'.repeat(1024 * 1024)}`);
    writeFileSync(join(dir, 'rules', 'latin.yaml'), Buffer.from('# caf\xe9', 'latin1'));
    expect(await lines()).toEqual([
      'rules/big.yaml:1:1  is larger than 1 MiB',
      'rules/gone.yaml:1:1  is missing',
      'rules/latin.yaml:1:1  is not UTF-8 text',
    ]);
  });

  it('leave swap files and the folders of a mounted ConfigMap alone', async () => {
    write('aftercall.yaml', MAIN);
    write('rules/..2024/a.yaml', RULES);
    write('rules/.a.yaml.swp', 'x');
    write('rules/a.yaml~', 'x');
    symlinkSync('..2024', join(dir, 'rules', '..data'));
    symlinkSync('..data/a.yaml', join(dir, 'rules', 'a.yaml'));
    expect((await good()).ruleSet.rules.map(({ id, file }) => [id, file])).toEqual([['a', 'rules/a.yaml']]);
  });

  it('refuse what is no JSON in an object', async () => {
    expect(await lines(settings({ timezone: new Date(0) }))).toEqual([
      'config:1:1  timezone  expected JSON, got Date',
      'config:1:1  timezone  expected text, got nothing',
    ]);
  });
});
