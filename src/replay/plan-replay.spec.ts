import { describe, expect, it } from '@jest/globals';
import { type CompiledRuleSet, compileRuleSet } from '../config/live.js';
import { type Delivery, type PlannedDelivery } from '../domain/delivery.js';
import { type ActionContent, type RuleContent, type RuleSetContent } from '../rules/rule.js';
import { isUnchanged } from './plan-replay.js';

const action: ActionContent = {
  ...{ id: 'send', to: 'sink', do: null, with: { text: "{{ assistant_phone | lookup: 'team_of' }}" } },
  ...{ onlyIf: null, ifMissing: null, onRevision: 'refresh', ifUnknown: null, retryWaitsMs: null },
  ...{ timeoutMs: null, ordered: null },
};

function ruleSet(content: Partial<RuleSetContent>, actions: ActionContent[] = [action]): CompiledRuleSet {
  const rule: RuleContent = {
    ...{ id: 'hot-lead', file: 'rules/a.yaml', title: null, state: 'live', sources: 'all' },
    ...{ condition: { match: 'everything' }, missing: 'undecided', stop: false, catchAll: false },
    ...{ order: 0, maxAgeMs: null, actions },
  };
  const whole = {
    timezone: 'UTC',
    tables: { team_of: {} },
    calendars: {},
    templates: {},
    rules: [rule],
    ...content,
  };
  return compileRuleSet(whole, JSON.stringify(whole));
}

const planned = { rule: 'hot-lead', action: 'send', destination: 'sink', kind: 'http', operation: 'send' };
const stored = { ...planned, state: 'dead' } as Delivery;
const then = ruleSet({});

function unchanged(chosen: CompiledRuleSet, over: Partial<PlannedDelivery> = {}): boolean {
  return isUnchanged(stored, { ...planned, ...over } as PlannedDelivery, then, chosen);
}

describe('isUnchanged', () => {
  it('holds in the same rule set, and in one that differs elsewhere', () => {
    expect(unchanged(then)).toBe(true);
    expect(unchanged(ruleSet({ tables: { team_of: {}, other: {} } }))).toBe(true);
    expect(unchanged(ruleSet({ templates: { 'report.liquid': 'x' } }))).toBe(true);
  });

  it.each(['destination', 'kind', 'operation'] as const)('ends where the %s is another', (field) => {
    expect(unchanged(then, { [field]: 'other' })).toBe(false);
  });

  it('ends where the text, its zone or a table that it names is another', () => {
    expect(unchanged(ruleSet({}, [{ ...action, with: { text: 'new' } }]))).toBe(false);
    expect(unchanged(ruleSet({ timezone: 'Europe/Vienna' }))).toBe(false);
    expect(unchanged(ruleSet({ tables: { team_of: { '+1': 'sales' } } }))).toBe(false);
  });

  it('ends where any template is another, if the action uses one', () => {
    const using = [{ ...action, with: { template: 'report' } }];
    const before = ruleSet({ templates: { 'report.liquid': 'a', 'footer.liquid': 'a' } }, using);
    const after = ruleSet({ templates: { 'report.liquid': 'a', 'footer.liquid': 'b' } }, using);
    expect(isUnchanged(stored, planned as PlannedDelivery, before, after)).toBe(false);
  });

  it('takes what an older version did not store for its default', () => {
    const { ifUnknown, retryWaitsMs, timeoutMs, ordered, ...old } = action;
    expect([ifUnknown, retryWaitsMs, timeoutMs, ordered]).toEqual([null, null, null, null]);
    expect(unchanged(ruleSet({ tables: { team_of: {}, other: {} } }, [old]))).toBe(true);
  });

  it('ends where the action, its rules of then or its plan are gone', () => {
    expect(unchanged(ruleSet({}, []))).toBe(false);
    expect(isUnchanged(stored, planned as PlannedDelivery, null, then)).toBe(false);
    expect(isUnchanged(stored, undefined, then, then)).toBe(false);
  });
});
