import { describe, expect, it } from '@jest/globals';
import { type ActionContent, type RuleSetContent } from '../rules/rule.js';
import { compileRuleSet } from './live.js';

function ruleSetOf(action: Partial<ActionContent>): RuleSetContent {
  return {
    ...{ timezone: 'UTC', tables: {}, calendars: {}, templates: {} },
    rules: [
      {
        ...{ id: 'a', file: 'rules/a.yaml', title: null, state: 'live', sources: 'all' },
        ...{ condition: { match: 'everything' }, missing: 'undecided', stop: false, catchAll: false },
        ...{ order: 0, maxAgeMs: null },
        actions: [
          {
            ...{ id: 'call', to: 'dialer', do: 'call', with: {}, onlyIf: null, ifMissing: null },
            ...{ onRevision: 'refresh', ...action },
          },
        ],
      },
    ],
  };
}

const compiled = (action: Partial<ActionContent>) => compileRuleSet(ruleSetOf(action), 'f');
const tries = (until: ActionContent['onlyIf']) => ({
  callTries: { max: 3, every: { in: 'ms' as const, ms: 60_000 }, until },
});

describe('compileRuleSet', () => {
  it('has the end of the tries ready to ask', () => {
    const { actions } = compiled(tries({ match: { status: 'completed' } }));
    const until = actions.get('a.call')?.until;
    expect([until?.test({ status: 'completed' }), until?.test({ status: 'busy' })]).toEqual([true, false]);
    expect(compiled(tries(null)).actions.get('a.call')?.until).toBeNull();
  });

  it('knows whether later calls matter', () => {
    expect(compiled({}).mayTakeBack).toBe(false);
    expect(compiled(tries(null)).mayTakeBack).toBe(false);
    expect(compiled(tries({ match: 'everything' })).mayTakeBack).toBe(true);
    expect(compiled({ cancelWhen: { ruleFired: 'a' } }).mayTakeBack).toBe(true);
  });

  it('knows which facts about a contact are asked for', () => {
    expect(compiled({}).factWindows).toBeNull();
    const asking = compiled({ onlyIf: { match: { 'contact.calls_24h': { '<': 3 } } } });
    expect([...(asking.factWindows ?? [])]).toEqual([['24h', 86_400_000]]);
  });
});
