import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Adapter } from '../../adapters/adapter.js';
import { loadAdapters } from '../../adapters/catalogue.js';
import { type ActionContent, type RuleContent } from '../../rules/rule.js';
import { loadSources } from '../../sources/catalogue.js';
import { type Source } from '../../sources/source.js';
import { type Config } from '../config.js';
import { type ConfigReading, formatProblem, readConfig } from '../read-config.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SAY_HI = { id: 'tell', to: 'screen', with: { text: 'hi' } };
const CALL = {
  id: 'call',
  to: 'dialer',
  do: 'call',
  with: { assistant_id: 7, phone: '{{ contact.phone }}' },
};

let kinds: ReadonlyMap<string, Adapter>;
let sourceKinds: ReadonlyMap<string, Source>;

beforeAll(async () => {
  kinds = await loadAdapters();
  sourceKinds = await loadSources();
});

async function read(rule: object): Promise<Extract<ConfigReading, { ok: true }>> {
  const input = {
    sources: { autocalls: { kind: 'autocalls' } },
    destinations: { screen: { kind: 'log' }, dialer: { kind: 'log', as: 'autocalls' } },
    calendars: { office: { open: { 'mon-fri': '09:00-17:00' } } },
    tables: { phone_of: { vienna: '+43123456789' } },
    rules: { a: { match: 'everything', ...rule } },
  };
  const reading = await readConfig({ input, env: {}, kinds, sourceKinds });
  if (!reading.ok) throw new Error(reading.problems.map(formatProblem).join('\n'));
  return reading;
}

async function good(rule: object): Promise<Config> {
  return (await read(rule)).config;
}

async function ruleOf(rule: object): Promise<RuleContent> {
  const [first] = (await good(rule)).ruleSet.rules;
  if (!first) throw new Error('there is no rule');
  return first;
}

async function actionOf(action: object): Promise<ActionContent> {
  const [first] = (await ruleOf({ then: [action] })).actions;
  if (!first) throw new Error('there is no action');
  return first;
}

describe('once_per', () => {
  it.each<[object, ActionContent['oncePer']]>([
    [{ contact: '14 days' }, { key: 'contact', perMs: 14 * DAY_MS }],
    [{ rule: '1h' }, { key: 'rule', perMs: HOUR_MS }],
    [{ '{{ lead.id }}': '1w' }, { key: { template: '{{ lead.id }}' }, perMs: 7 * DAY_MS }],
  ])('reads %j', async (written, expected) => {
    expect((await actionOf({ ...SAY_HI, once_per: written })).oncePer).toEqual(expected);
  });
});

describe('on_repeat', () => {
  it.each<[object, ActionContent['onRepeat']]>([
    [{}, undefined],
    [{ during: 'office' }, undefined],
    [{ after: '1h' }, 'skip'],
    [{ at: { time: 'tomorrow' } }, 'replace'],
    [{ after: '1h', on_repeat: 'extend' }, 'extend'],
    [{ during: 'office', on_repeat: 'queue' }, 'queue'],
  ])('with %j', async (written, expected) => {
    expect((await actionOf({ ...SAY_HI, ...written })).onRepeat).toBe(expected);
  });
});

describe('call_tries and digest', () => {
  it('keeps how often and how long a call is tried', async () => {
    const tries = { max: 3, counting: 'ours', every: '4 business hours' };
    expect((await actionOf({ ...CALL, call_tries: tries })).callTries).toEqual({
      ...{ max: 3, every: { in: 'business_hours', ms: 4 * HOUR_MS }, until: null },
    });
    const until = { match: { status: 'completed' } };
    expect((await actionOf({ ...CALL, call_tries: { ...tries, until } })).callTries?.until).toEqual(until);
  });

  it('keeps what is collected, and by what', async () => {
    const digest = { every: '15 minutes', by: 'lead.campaign.id' };
    expect((await actionOf({ ...SAY_HI, digest })).digest).toEqual({
      ...{ everyMs: HOUR_MS / 4, by: 'lead.campaign.id' },
    });
    const daily = await actionOf({ ...SAY_HI, digest: { every: '1d' }, during: 'office' });
    expect(daily).toMatchObject({ digest: { everyMs: DAY_MS, by: null }, during: ['office'] });
  });
});

describe('audience', () => {
  const text = (to: string) => ({
    id: 'text',
    to: 'dialer',
    do: 'send_sms',
    with: { from: 3, to, text: 'hi' },
  });

  it.each([
    '+43 1 23456789',
    "{{ extracted_variables.city | lookup: 'phone_of' }}",
    "{{- lead.variables['the city'] | downcase | lookup: \"phone_of\" | default: '+43123456789' -}}",
  ])('lets staff be reached at %s', async (to) => {
    expect((await actionOf({ ...text(to), audience: 'staff' })).audience).toBe('staff');
  });

  it('lets a lead be staff where its number is ours', async () => {
    const lead = { id: 'lead', to: 'dialer', do: 'update_lead', audience: 'staff' };
    const action = { ...lead, with: { id: 5, phone: '+43123456789' } };
    expect((await actionOf(action)).audience).toBe('staff');
  });

  it('lets a digest go to staff', async () => {
    const action = { ...text('+43123456789'), audience: 'staff', digest: { every: '1h' } };
    expect(await actionOf(action)).toMatchObject({ audience: 'staff', digest: { everyMs: HOUR_MS } });
  });

  it('lets contacts be called, and says nothing where nothing is said', async () => {
    expect(await actionOf(CALL)).not.toHaveProperty('audience');
    expect((await actionOf({ ...CALL, audience: 'contact' })).audience).toBe('contact');
  });
});

describe('contact.stop and contact.allow', () => {
  it('go nowhere', async () => {
    expect(await actionOf({ id: 'stop', do: 'contact.stop', 'x-why': 'asked for' })).toMatchObject({
      ...{ id: 'stop', to: '', do: 'contact.stop', with: {}, needs: [] },
    });
    const { actions } = await ruleOf({
      then: [
        { id: 'allow', do: 'contact.allow' },
        { ...SAY_HI, needs: ['allow'] },
      ],
    });
    expect(actions.map(({ do: operation }) => operation)).toEqual(['contact.allow', null]);
  });
});

describe('expect', () => {
  const call = { match: { status: 'completed' } };

  it('plans what stands under else as follow-ups that a later call takes back', async () => {
    const { actions } = await ruleOf({
      then: [SAY_HI],
      expect: {
        ...{ within: '2 business hours', call, during: 'office' },
        else: [
          { ...SAY_HI, id: 'remind', needs: ['tell'] },
          { ...CALL, during: 'campaign', on_repeat: 'replace' },
        ],
      },
    });
    const waiting = {
      timing: { after: { in: 'business_hours', ms: 2 * HOUR_MS } },
      cancelWhen: { laterCall: call },
    };
    expect(actions.map(({ id }) => id)).toEqual(['tell', 'remind', 'call']);
    expect(actions[0]).not.toHaveProperty('timing');
    expect(actions[1]).toMatchObject({
      ...waiting,
      during: ['office'],
      onRepeat: 'parallel',
      needs: ['tell'],
    });
    expect(actions[2]).toMatchObject({ ...waiting, during: ['campaign'], onRepeat: 'replace' });
  });

  it('takes any later call where it names none, and needs no then', async () => {
    const { actions } = await ruleOf({ expect: { within: '1 business day', else: [SAY_HI] } });
    expect(actions).toMatchObject([
      {
        timing: { after: { in: 'business_days', days: 1 } },
        cancelWhen: { laterCall: { match: 'everything' } },
      },
    ]);
    expect(actions[0]).not.toHaveProperty('during');
  });

  it('is where a problem of its actions is shown', async () => {
    const { problemAt, config } = await read({
      ...{ then: [SAY_HI], expect: { within: '1h', else: [{ ...SAY_HI, id: 'remind' }] } },
    });
    const file = config.ruleSet.rules[0]?.file ?? '';
    const pathOf = (nth: number) => problemAt(file, ['rules', 'a', 'then', nth, 'to'], 'is gone').path;
    expect([0, 1].map(pathOf)).toEqual(['rules.a.then[0].to', 'rules.a.expect.else[0].to']);
  });

  it('leaves room for notes', async () => {
    const note = { 'x-note': 1 };
    const { actions } = await ruleOf({
      then: [{ ...CALL, call_tries: { max: 2, every: '1h', until: { ...call, ...note }, ...note } }],
      expect: { within: '1h', call: { ...call, ...note }, ...note, else: [{ ...SAY_HI, ...note }] },
    });
    expect(JSON.stringify(actions)).not.toContain('x-note');
  });
});

describe('a rule that says nothing of calls it caused', () => {
  it('is the same as one that ignores them', async () => {
    const plain = await good({ then: [SAY_HI] });
    const ignoring = await good({ on_own_calls: 'ignore', then: [SAY_HI] });
    expect(ignoring.fingerprint).toBe(plain.fingerprint);
    expect(plain.ruleSet.rules[0]).not.toHaveProperty('onOwnCalls');
    expect((await ruleOf({ on_own_calls: 'count', then: [SAY_HI] })).onOwnCalls).toBe('count');
  });
});
