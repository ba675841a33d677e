import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Adapter } from '../../adapters/adapter.js';
import { loadAdapters } from '../../adapters/catalogue.js';
import { type ConfigFile } from '../config-file.js';
import { Findings } from '../findings.js';
import { factWindowsOf } from '../../rules/contact-facts.js';
import { loadSources } from '../../sources/catalogue.js';
import { type Source } from '../../sources/source.js';
import { formatProblem, readConfig } from '../read-config.js';
import { warnOfTemplateFacts } from './contact-facts.js';

let kinds: ReadonlyMap<string, Adapter>;
let sourceKinds: ReadonlyMap<string, Source>;

beforeAll(async () => {
  kinds = await loadAdapters();
  sourceKinds = await loadSources();
});

async function warningsOf(rule: object, action: object = {}): Promise<string[]> {
  const then = [{ id: 'tell', to: 'screen', with: { text: 'hi' }, ...action }];
  const input = {
    sources: { autocalls: { kind: 'autocalls' } },
    destinations: { screen: { kind: 'log' }, crm: { kind: 'log', as: 'http' } },
    rules: { a: { match: 'everything', then, ...rule } },
  };
  const reading = await readConfig({ input, env: {}, kinds, sourceKinds });
  return (reading.ok ? reading.config.warnings : reading.problems).map(formatProblem);
}

const KNOWN = [
  ...['phone', 'phone_valid', 'country', 'calls', 'missed', 'last_status', 'last_at', 'open_follow_ups'],
  ...['calls_24h', 'missed_7d', 'missed_1w', 'calls_90m', 'calls_2h30m'],
];

describe('a fact about a contact', () => {
  it.each(KNOWN)('is known as %s', async (fact) => {
    expect(await warningsOf({ match: { [`contact.${fact}`]: { exists: true } } })).toEqual([]);
  });

  it('is said with its place, what is known and what was meant most likely', async () => {
    expect(await warningsOf({ match: { 'contact.calls_24hr': { '<': 3 } } })).toEqual([
      'config:1:1  rules.a.match.contact.calls_24hr  warning: no fact about a contact is called "calls_24hr", so it is missing in every call; known: phone, phone_valid, country, calls, missed, last_status, last_at, open_follow_ups, and calls or missed in a window, such as calls_24h or missed_7d; did you mean "contact.calls_24h"?',
    ]);
  });

  it.each([
    ['miss_24h', 'missed_24h'],
    ['missed_last_7_days', 'missed_7d'],
    ['call_2weeks', 'calls_2w'],
    ['last_state', 'last_status'],
    ['open_followups', 'open_follow_ups'],
    ['valid_phone', null],
  ])('is guessed for %s', async (written, meant) => {
    const [warned] = await warningsOf({ match: { [`contact.${written}`]: { exists: true } } });
    if (meant === null) expect(warned).not.toContain('did you mean');
    else expect(warned).toContain(`did you mean "contact.${meant}"?`);
  });

  it.each<[string, object, object]>([
    ['rules.a.match[1].contact.last', { match: [{ status: 'busy' }, { 'contact.last': 'busy' }] }, {}],
    ['rules.a.when.and[0].>[0].var', { when: { and: [{ '>': [{ var: 'contact.last' }, 1] }] } }, {}],
    ['rules.a.when.exists[0]', { when: { exists: ['contact.last'] } }, {}],
    ['rules.a.then[0].only_if.match.contact.last', {}, { only_if: { match: { 'contact.last': 'busy' } } }],
    ['rules.a.then[0].with.text', {}, { with: { text: 'Last: {{ contact.last | default: "never" }}' } }],
    ['rules.a.then[0].at.time', {}, { at: { time: '{% if contact.last %}tomorrow{% endif %}' } }],
    ['rules.a.then[0].once_per.{{ contact.last }}', {}, { once_per: { '{{ contact.last }}': '1d' } }],
    [
      'rules.a.then[0].cancel_when.later_call.match.contact.last',
      {},
      { after: '1h', cancel_when: { later_call: { match: { 'contact.last': 'busy' } } } },
    ],
  ])('is looked for at %s', async (place, rule, action) => {
    const warned = (await warningsOf(rule, action)).filter((line) =>
      line.includes('no fact about a contact'),
    );
    expect(warned.map((line) => line.split('  ')[1])).toEqual([place]);
  });

  it.each<[string, object]>([
    ['a text in quotes', { text: '{{ "ask contact.desk" }}' }],
    ['a text without a template', { text: 'contact.desk' }],
    ['a variable of the template', { text: '{% for contact in lead.all %}{{ contact.name }}{% endfor %}' }],
    ['a field of something else', { text: '{{ lead.contact.name | default: "" }}' }],
  ])('is not what %s looks like', async (_what, input) => {
    expect(await warningsOf({}, { with: input })).toEqual([]);
  });

  it('is not looked for in what is sent under a word of conditions', async () => {
    const sent = { to: 'crm', with: { body: { match: { 'contact.name': 'Ada' } } } };
    expect(await warningsOf({}, sent)).toEqual([]);
  });

  it('is looked for in template files as well', () => {
    const file = { display: 'templates/hi.liquid', spoiled: [] } as unknown as ConfigFile;
    const findings = new Findings();
    warnOfTemplateFacts('<p>\n{{ contact.calls }} {{ contact.call }}', file, findings);
    expect(findings.list()).toMatchObject([{ severity: 'warning', line: 2, column: 24 }]);
  });

  it('is asked of the store when it is one that the store knows', () => {
    const asked = KNOWN.filter((fact) => !['phone', 'phone_valid', 'country'].includes(fact));
    for (const fact of asked) {
      const rules = [{ match: { [`contact.${fact}`]: 1 } }];
      expect(factWindowsOf({ rules, templates: {} } as never)).not.toBeNull();
    }
  });
});
