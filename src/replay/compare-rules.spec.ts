import { describe, expect, it } from '@jest/globals';
import { type ActionContent, type RuleContent, type RuleSetContent } from '../rules/rule.js';
import { compareRuleSets } from './compare-rules.js';

const action: ActionContent = {
  ...{ id: 'remind', to: 'mail', do: null, with: { text: 'hello' } },
  ...{ onlyIf: null, ifMissing: null, onRevision: 'refresh' },
};
const rule: RuleContent = {
  ...{ id: 'nudge', file: 'rules/a.yaml', title: null, state: 'live', sources: 'all' },
  ...{ condition: { match: { status: 'completed' } }, missing: 'undecided', stop: false, catchAll: false },
  ...{ order: 0, maxAgeMs: null, actions: [action] },
};

const office = { open: { mon: [{ fromMinute: 540, toMinute: 1020 }] }, timezone: 'UTC', holidays: [] };

function ruleSet(rules: RuleContent[], more: Partial<RuleSetContent> = {}): RuleSetContent {
  return { timezone: 'UTC', tables: {}, calendars: { office }, templates: {}, rules, ...more };
}

function changes(to: RuleContent[], more?: Partial<RuleSetContent>, from: RuleContent[] = [rule]) {
  return compareRuleSets(ruleSet(from), ruleSet(to, more));
}

const withAction = (more: Partial<ActionContent>): RuleContent => ({
  ...rule,
  actions: [{ ...action, ...more }],
});

describe('compareRuleSets', () => {
  it('finds nothing where nothing differs that counts', () => {
    expect(changes([rule])).toEqual([]);
    expect(changes([{ ...rule, title: 'Another title' }])).toEqual([]);
    const sparse = { needs: [], during: [], timing: null, audience: null, oncePer: null, onRepeat: null };
    expect(
      changes([{ ...withAction({ ...sparse, callTries: null, digest: null }), onOwnCalls: 'ignore' }]),
    ).toEqual([]);
    expect(
      changes([rule], { calendars: {}, tables: { team: {} }, templates: { 'report.liquid': 'x' } }),
    ).toEqual([]);
  });

  it('lists what was added and removed', () => {
    const other = { ...rule, id: 'other' };
    expect(changes([other])).toEqual([
      { rule: 'other', change: 'added', what: [], actions: [] },
      { rule: 'nudge', change: 'removed', what: [], actions: [] },
    ]);
    const two = { ...rule, actions: [{ ...action, id: 'second' }] };
    expect(changes([two])).toEqual([
      {
        ...{ rule: 'nudge', change: 'changed', what: [] },
        actions: [
          { action: 'second', change: 'added', what: [] },
          { action: 'remind', change: 'removed', what: [] },
        ],
      },
    ]);
  });

  it.each<[Partial<RuleContent>, string[]]>([
    [{ condition: { match: { status: 'busy' } } }, ['condition']],
    [{ state: 'shadow', maxAgeMs: 5 }, ['state', 'max_age']],
    [{ sources: ['autocalls'], order: 1, stop: true }, ['sources', 'stop', 'order']],
    [{ onOwnCalls: 'count' }, ['on_own_calls']],
  ])('names the parts of a rule that differ: %j', (more, what) => {
    expect(changes([{ ...rule, ...more }])).toEqual([
      { rule: 'nudge', change: 'changed', what, actions: [] },
    ]);
  });

  it.each<[Partial<ActionContent>, string[]]>([
    [{ with: { text: 'bye' } }, ['text']],
    [{ to: 'crm', do: 'send' }, ['destination', 'operation']],
    [{ timing: { after: { in: 'ms', ms: 5 } }, cancelWhen: { ruleFired: 'x' } }, ['time', 'cancel_when']],
    [
      { audience: 'staff', onRepeat: 'skip', digest: { everyMs: 5, by: null } },
      ['audience', 'on_repeat', 'digest'],
    ],
  ])('names the parts of an action that differ: %j', (more, what) => {
    expect(changes([withAction(more)])[0]?.actions).toEqual([{ action: 'remind', change: 'changed', what }]);
  });

  it('sees a calendar, table, template or zone of which an action makes use', () => {
    const using = withAction({
      during: ['office'],
      with: { template: 'report', text: "{{ x | lookup: 'team' }}" },
    });
    const differing = {
      calendars: { office: { ...office, holidays: ['2026-12-25'] } },
      ...{ tables: { team: { a: 1 } }, templates: { 'report.liquid': 'x' }, timezone: 'Europe/Vienna' },
    };
    const [change] = changes([using], differing, [using]);
    expect(change?.actions[0]?.what).toEqual(['tables', 'calendars', 'timezone', 'templates']);
  });
});
