import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CommandTrial, startTrial } from '../../test/support/try-command.js';
import { findSample } from './samples.js';

const MAIN = `schema: 1
sources:
  autocalls: { kind: autocalls, token: token-of-the-source, labels: { client: acme } }
  second: { kind: autocalls, token: token-of-the-second }
destinations:
  team: { kind: slack, webhook_url: "https://hooks.slack.com/services/x" }
  screen: { kind: log }
  flow: { kind: http, url: "https://flows.example.com/hook" }
  asleep: { kind: log, enabled: false }
  fenced: { kind: log, only: { client: other } }
tables:
  team_of: { a: team }
`;

const RULES = `schema: 1
defaults: { sources: all }
rules:
  hot-lead:
    match: { status: completed, extracted_variables.lead_quality: [high, hot] }
    then:
      - { id: tell, to: team, with: { text: "*{{ input_variables.customer_name }}* of {{ labels.client }}" } }
      - { id: gone, to: flow, only_if: { match: { duration: { "<": 5 } } } }
      - { id: lost, to: flow, with: { path: "/{{ lead.variables.nothing }}" } }
      - { id: wait, to: asleep, with: { text: later } }
      - { id: fence, to: fenced, with: { text: never } }
      - { id: nobody, to: { table: team_of, key: "{{ status }}" }, with: { text: x } }
  trial:
    state: shadow
    match: everything
    then: [{ id: show, to: screen, with: { text: "{{ customer_phone }}" } }]
  unsure:
    match: { lead.variables.age: { ">=": 18 } }
    then: [{ id: show, to: screen, with: { text: x } }]
  off:
    state: disabled
    match: everything
    then: [{ id: show, to: screen, with: { text: x } }]
`;

interface Printed {
  event: object;
  decisions: { rule: string; verdict: string }[];
  actions: { action: string; state: string; reason: string | null; with: object }[];
}

describe('simulate', () => {
  let trial: CommandTrial;
  beforeAll(() => {
    trial = startTrial();
    trial.write('config/aftercall.yaml', MAIN);
    trial.write('config/rules/sales.yaml', RULES);
    trial.write('call.json', findSample('completed-campaign') ?? '');
  });
  afterAll(() => trial.remove());

  const AT = ['--at', '2025-01-15T11:35:00+01:00', '--source', 'autocalls'];
  const simulate = async (...args: string[]): Promise<Printed> => {
    const { exitCode, stdout } = await trial.run(['simulate', ...args, '-o', 'json']);
    expect(exitCode).toBe(0);
    return JSON.parse(stdout) as Printed;
  };

  it('prints every rule and every action in the promised form', async () => {
    const printed = await simulate('call.json', ...AT);
    expect(Object.keys(printed)).toEqual(['event', 'decisions', 'actions']);
    expect(printed.event).toEqual({ source: 'autocalls', call_id: '12345', status: 'accepted' });
    expect(printed.decisions).toEqual([
      { rule: 'hot-lead', verdict: 'fired', shadow: false, because: [] },
      { rule: 'trial', verdict: 'fired', shadow: true, because: [] },
      {
        rule: 'unsure',
        verdict: 'undecided',
        shadow: false,
        because: [{ path: 'lead.variables.age', problem: 'missing' }],
      },
      { rule: 'off', verdict: 'not_evaluated', shadow: false, because: [] },
    ]);
    expect(printed.actions[0]).toEqual({
      rule: 'hot-lead',
      action: 'tell',
      to: 'team',
      kind: 'slack',
      do: 'message',
      state: 'pending',
      due_at: '2025-01-15T10:35:00.000Z',
      with: { text: '*John Doe* of acme' },
      reason: null,
    });
  });

  it('says what each gate makes of an action', async () => {
    const { actions } = await simulate('call.json', ...AT);
    const states = actions.map(({ action, state, reason }) => [action, state, reason]);
    expect(states).toEqual([
      ['tell', 'pending', null],
      ['gone', 'skipped', 'only_if'],
      ['lost', 'held', 'missing: lead.variables.nothing'],
      ['wait', 'pending', 'destination_disabled'],
      ['fence', 'skipped', 'fenced'],
      ['nobody', 'held', 'no_row: team_of'],
      ['show', 'shadow', null],
    ]);
    expect(actions[6]?.with).toEqual({ text: '+1234567890' });
    expect(actions[2]?.with).toEqual({});
  });

  it('renders a digest of the one call', async () => {
    const text = '{{ digest.count }}:{% for call in digest.items %} {{ call.customer_phone }}{% endfor %}';
    const action = `{ id: list, to: screen, digest: { every: 15m }, with: { text: "${text}" } }`;
    const other = startTrial();
    other.write('config/aftercall.yaml', MAIN);
    other.write(
      'config/rules/list.yaml',
      `schema: 1\ndefaults: { sources: all }\nrules: { all: { match: everything, then: [${action}] } }\n`,
    );
    const { stdout } = await other.run(['simulate', 'autocalls/completed-campaign', ...AT]);
    other.remove();
    expect(stdout).toContain('text: "1: +1234567890"');
  });

  it('reads standard input and keeps every digit of an id', async () => {
    const input = '{"id": 123456789012345678901, "status": "busy"}';
    const { stdout } = await trial.run(['simulate', '-', '-o', 'json'], { input });
    expect(JSON.parse(stdout)).toMatchObject({ event: { call_id: '123456789012345678901' } });
  });

  it('marks messages of the test button and only renders the rest', async () => {
    const { event, actions } = await simulate('vendor-test-button-no-id', ...AT);
    expect(event).toEqual({ source: 'autocalls', call_id: null, status: 'test' });
    expect(actions[0]).toMatchObject({ state: 'pending', with: { text: '[TEST] *John Doe* of acme' } });
    expect(actions[1]).toMatchObject({ action: 'gone', state: 'shadow' });
  });

  it('shows what would be quarantined', async () => {
    const { exitCode, stdout, stderr } = await trial.run(['simulate', '-', '-o', 'json'], { input: '[]' });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      event: { source: 'autocalls', call_id: null, status: 'quarantined' },
      decisions: [],
      actions: [],
    });
    expect(stderr).toContain('not readable as a call: body: not an object');
  });

  it('takes the first source with a note, or the named one, with labels on top', async () => {
    expect((await trial.run(['simulate', 'call.json'])).stderr).toContain('as from source autocalls');
    const { stdout, stderr } = await trial.run([
      'simulate',
      'call.json',
      '--source',
      'second',
      '--label',
      'client=A&B',
    ]);
    expect(stderr).toBe('');
    expect(stdout).toContain('call 12345 from second');
    expect(stdout).toContain('*John Doe* of A&amp;B');
    expect(await trial.run(['simulate', 'call.json', '--source', 'secnd'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('did you mean second?'),
    });
  });

  it('is readable without JSON, and hands no control character to the terminal', async () => {
    const { stdout } = await trial.run(['simulate', 'hostile-text', ...AT]);
    expect(stdout).toContain('hot-lead  fired\n');
    expect(stdout).toContain('unsure    undecided: lead.variables.age missing\n');
    expect(stdout).toContain('  hot-lead.gone -> flow (http send)  skipped: only_if\n');
    expect(stdout).toContain('  hot-lead.nobody -> nowhere  held: no_row: team_of');
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('says in words when a follow-up would be due, and what is done with the contact', async () => {
    const later = startTrial();
    later.write('config/aftercall.yaml', `${MAIN}timezone: Europe/Vienna\n`);
    later.write(
      'config/rules/later.yaml',
      `schema: 1
defaults: { sources: all }
rules:
  offer:
    match: everything
    then:
      - { id: remind, to: screen, after: 2 business days, with: { text: x } }
      - { id: stop, do: contact.stop }
      - { id: allow, do: contact.allow }
`,
    );
    const { stdout } = await later.run(['simulate', 'autocalls/completed-campaign', ...AT]);
    later.remove();
    expect(stdout).toContain(
      '  offer.remind -> screen (log write)  pending, due 2025-01-17T10:35:00.000Z: ' +
        '2 business days after the call: 2025-01-17 11:35 in Europe/Vienna\n',
    );
    expect(stdout).toContain('  offer.stop (contact.stop)  stops the contact\n');
    expect(stdout).toContain('  offer.allow (contact.allow)  lets the contact be reached again\n');
  });

  it.each([
    [['nowhere.json'], 'there is no file, event or sample nowhere.json'],
    [['completed-campain'], 'did you mean'],
    [['config'], 'it is a folder'],
    [['call.json', '--at', '2025-01-15'], 'Expected a time with its zone'],
    [['call.json', '--label', 'client'], 'Expected name=value'],
  ])('answers 2 to %j', async (args, message) => {
    const { exitCode, stderr } = await trial.run(['simulate', ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it('answers 1 with all problems when the configuration is wrong', async () => {
    trial.write('broken/aftercall.yaml', 'schema: 1\na: 1\nb: 2\n');
    const { exitCode, stderr } = await trial.run(['simulate', 'call.json', '--config', 'broken']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/:2:1 {2}a {2}.*\n.*:3:1 {2}b {2}/);
  });

  describe('explain', () => {
    it('shows the tree of each rule with the deciding part', async () => {
      const { exitCode, stdout } = await trial.run(['explain', 'call.json', 'unsure']);
      expect(exitCode).toBe(0);
      expect(stdout).toBe(
        'unsure  undecided: lead.variables.age missing\n  ? lead.variables.age (missing) >= 18  <- decides\n',
      );
    });

    it('says why a rule was not evaluated', async () => {
      expect((await trial.run(['explain', 'call.json', 'off'])).stdout).toContain(
        'not evaluated: it is disabled',
      );
    });

    it('says that a rule before it fired, where a rule only catches the rest', async () => {
      const rest = startTrial();
      const then = '[{ id: a, to: screen, with: { text: x } }]';
      const rules = `first: { match: everything, then: ${then} }, rest: { match: everything, catch_all: true, then: ${then} }`;
      rest.write('config/aftercall.yaml', MAIN);
      rest.write('config/rules/rest.yaml', `schema: 1\ndefaults: { sources: all }\nrules: { ${rules} }\n`);
      const { stdout } = await rest.run(['explain', 'autocalls/completed-campaign', 'rest']);
      rest.remove();
      expect(stdout).toContain(
        'rest  not matched: it catches the rest, and a rule before it in the file fired',
      );
    });

    it('prints the tree as JSON', async () => {
      const { stdout } = await trial.run(['explain', 'call.json', 'hot-lead', '-o', 'json']);
      expect(JSON.parse(stdout)).toMatchObject({
        event: { call_id: '12345' },
        rules: [{ rule: 'hot-lead', verdict: 'fired', condition: { operator: 'and', result: 'true' } }],
      });
    });

    it('answers 2 for a rule that is not there, 1 for what is no call', async () => {
      expect(await trial.run(['explain', 'call.json', 'hot-led'])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('did you mean hot-lead?'),
      });
      expect((await trial.run(['explain', '-'], { input: '{' })).exitCode).toBe(1);
    });
  });
});
