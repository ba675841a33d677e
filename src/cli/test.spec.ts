import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CommandTrial, startTrial } from '../../test/support/try-command.js';

const MAIN = `schema: 1
sources: { autocalls: { kind: autocalls, token: token-of-the-source }, other: { kind: autocalls } }
destinations: { screen: { kind: log, as: slack }, flow: { kind: http, url: "https://flows.example.com/hook" } }
`;

const RULES = `schema: 1
defaults: { sources: [autocalls] }
rules:
  done:
    match: { status: completed }
    then:
      - { id: tell, to: screen, with: { text: "{{ extracted_variables.summary }}" } }
      - { id: flow, to: flow, on_revision: send, with: { body: { list: [1, { a: x }], city: "{{ lead.variables.city | default: 'Wien' }}" } } }
  adult:
    match: { lead.variables.age: { ">=": 18 } }
    then: [{ id: tell, to: screen, with: { text: x } }]
`;

describe('test', () => {
  let trial: CommandTrial;
  beforeEach(() => {
    trial = startTrial();
    trial.write('config/aftercall.yaml', MAIN);
    trial.write('config/rules/rules.yaml', RULES);
  });
  afterEach(() => trial.remove());

  /** Runs tests given as YAML flow maps, one per line. */
  const run = (tests: readonly string[], ...args: string[]) => {
    trial.write(
      'config/rules/tests.yaml',
      `schema: 1\ntests:\n${tests.map((test) => `  - ${test}\n`).join('')}`,
    );
    return trial.run(['test', ...args]);
  };
  const fixture = 'given: { fixture: autocalls/completed-campaign }';

  it.each([
    ['rules that fired', `{ name: t, ${fixture}, expect: { fired: [done], not_fired: [adult] } }`],
    [
      'rules that are undecided',
      `{ name: t, ${fixture}, expect: { undecided: { adult: [lead.variables.age] } } }`,
    ],
    [
      'the paths of a decision',
      `{ name: t, ${fixture}, expect: { because: { adult: [lead.variables.age] } } }`,
    ],
    [
      'part of an input',
      `{ name: t, ${fixture}, expect: { actions: { done.flow: { with: { body: { list: [1, { a: x }] } } } } } }`,
    ],
    [
      'texts by operators',
      `{ name: t, ${fixture}, expect: { actions: { done.tell: { with: { text: { contains: demo, starts_with: Cust, ends_with: demo, matches: "^C.*o$", exists: true, not: x } } } } } }`,
    ],
    [
      'everything about an action',
      `{ name: t, ${fixture}, at: "2025-01-15T11:35:00+01:00", expect: { actions: { done.tell: { to: screen, kind: log, do: message, state: pending, reason: null, due_at: "2025-01-15T10:35:00Z" } } } }`,
    ],
    [
      'a changed sample',
      '{ name: t, given: { fixture: completed-campaign, set: { lead.variables.age: 20 }, unset: [status] }, expect: { fired: [adult] } }',
    ],
    [
      'a call of its own',
      '{ name: t, given: { call: { id: 1, status: completed } }, expect: { fired: [done] } }',
    ],
    [
      'another source',
      '{ name: t, given: { fixture: completed-campaign, source: other }, expect: { fired: [] } }',
    ],
    [
      'the sample of the test button',
      '{ name: t, given: { fixture: vendor-test-button-no-id }, expect: { actions: { done.flow: { state: shadow } } } }',
    ],
  ])('compares %s', async (_, test) => {
    expect(await run([test])).toEqual({ exitCode: 0, stdout: '1 passed, 0 failed\n', stderr: '' });
  });

  it.each([
    ['fired', '{ fired: [adult] }', 'fired\n      expected  adult\n      got       done\n'],
    ['not_fired', '{ not_fired: [done] }', 'not_fired done'],
    [
      'undecided',
      '{ undecided: { done: [status] } }',
      'undecided done\n      expected  "undecided"\n      got       "fired"',
    ],
    [
      'because',
      '{ because: { adult: [status] } }',
      'because adult\n      expected  status\n      got       lead.variables.age',
    ],
    [
      'a missing action',
      '{ actions: { adult.tell: {} } }',
      'actions adult.tell\n      expected  "an action"',
    ],
    [
      'the state',
      '{ actions: { done.tell: { state: held } } }',
      'actions done.tell state\n      expected  "held"\n      got       "pending"',
    ],
    [
      'the time',
      '{ actions: { done.tell: { due_at: "2000-01-01T00:00:00Z" } } }',
      'actions done.tell due_at',
    ],
    [
      'a text',
      '{ actions: { done.tell: { with: { text: { contains: tomato } } } } }',
      'with.text\n      expected  {"contains":"tomato"}',
    ],
    [
      'a list',
      '{ actions: { done.flow: { with: { body: { list: [1] } } } } }',
      'with.body.list\n      expected  [1]',
    ],
    [
      'an item',
      '{ actions: { done.flow: { with: { body: { list: [1, { a: y }] } } } } }',
      'with.body.list[1].a\n      expected  "y"\n      got       "x"',
    ],
    [
      'a missing key',
      '{ actions: { done.flow: { with: { body: { zip: 1 } } } } }',
      'with.body.zip\n      expected  1\n      got       null',
    ],
  ])('fails on %s and shows both sides', async (_, expected, shown) => {
    const { exitCode, stdout } = await run([`{ name: my test, ${fixture}, expect: ${expected} }`]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('✗ ');
    expect(stdout).toContain('rules/tests.yaml:3  my test\n');
    expect(stdout).toContain(shown);
    expect(stdout).toContain('0 passed, 1 failed\n');
  });

  it('shows a time on the clock that was expected', async () => {
    const expected = 'expect: { later: { done.tell: "2025-01-15T11:35:01-01:30" } }';
    const { stdout } = await run([`{ name: t, ${fixture}, at: "2025-01-15T11:35:00+01:00", ${expected} }`]);
    expect(stdout).toContain('got       "2025-01-15T09:05:00-01:30"\n');
  });

  it('finds fixtures beside the rule file, then in the configuration folder', async () => {
    trial.write('config/rules/mine.json', '{"id": 7, "status": "busy"}');
    trial.write('config/calls/done.json', '{"id": 7, "status": "completed"}');
    const tests = [
      '{ name: a, given: { fixture: mine }, expect: { fired: [] } }',
      '{ name: b, given: { fixture: calls/done.json }, expect: { fired: [done] } }',
    ];
    expect((await run(tests)).stdout).toBe('2 passed, 0 failed\n');
  });

  it.each([
    ['{ fixture: completed-campain }', 'there is no fixture completed-campain'],
    ['{ call: { nothing: 1 } }', 'the call cannot be read: id: missing'],
    ['{ fixture: completed-campaign, set: { id.x: 1 } }', 'id.x cannot be set: id is a number'],
  ])('fails a test that cannot run: %s', async (given, message) => {
    const { exitCode, stdout } = await run([`{ name: t, given: ${given}, expect: {} }`]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(message);
  });

  it('sends a revision only where the action asks for it, and a duplicate not at all', async () => {
    const earlier = 'earlier: [{ fixture: completed-campaign }]';
    const given = `given: { fixture: completed-campaign-revised, ${earlier} }`;
    const revision = `{ name: r, ${given}, expect: { fired: [done], actions: { done.flow: { state: pending } } } }`;
    const stays = `{ name: s, ${given}, expect: { actions: { done.tell: {} } } }`;
    const duplicate = `{ name: d, given: { fixture: completed-campaign, ${earlier} }, expect: { fired: [] } }`;
    const another = `{ name: o, given: { fixture: busy-nulls, ${earlier} }, expect: { fired: [], not_fired: [done] } }`;
    const { stdout } = await run([revision, stays, duplicate, another]);
    expect(stdout).toContain(
      '  s\n    actions done.tell\n      expected  "an action"\n      got       "not planned"',
    );
    expect(stdout).toContain('3 passed, 1 failed');
  });

  it('runs only the tests of the files and folders it is given', async () => {
    trial.write(
      'config/rules/acme/a.yaml',
      `schema: 1\ntests: [{ name: a, ${fixture}, expect: { fired: [] } }]\n`,
    );
    const tests = [`{ name: t, ${fixture}, expect: { fired: [done] } }`];
    expect((await run(tests)).exitCode).toBe(1);
    expect(await run(tests, 'config/rules/tests.yaml')).toMatchObject({
      exitCode: 0,
      stdout: '1 passed, 0 failed\n',
    });
    expect((await run(tests, 'config/rules/acme')).stdout).toContain('0 passed, 1 failed\n');
    expect(await run(tests, 'config/rule')).toMatchObject({ exitCode: 2 });
  });

  it('writes JUnit XML and JSON', async () => {
    const tests = [
      `{ name: 'a < "b"', ${fixture}, expect: { fired: [] } }`,
      `{ name: c, ${fixture}, expect: {} }`,
    ];
    const { exitCode, stdout } = await run(tests, '-o', 'json', '--junit', 'report.xml');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      passed: 1,
      failed: 1,
      tests: [
        { passed: false, mismatches: [{ path: 'fired', expected: [], actual: ['done'] }] },
        { passed: true },
      ],
    });
    const report = readFileSync(join(trial.dir, 'report.xml'), 'utf8');
    expect(report).toContain('tests="2" failures="1"');
    expect(report).toContain('name="a &lt; &quot;b&quot;"');
    expect(report).toContain('<failure message="fired: expected none, got done">');
  });

  it('says so when there are no tests', async () => {
    expect(await run([])).toMatchObject({ exitCode: 1 });
    trial.write('config/rules/tests.yaml', 'schema: 1\n');
    expect(await trial.run(['test'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('no tests'),
    });
  });
});
