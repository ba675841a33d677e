import { describe, expect, it } from '@jest/globals';
import { checkCondition, compileCondition, conditionToLogic } from './condition.js';
import { type ConditionContent } from './rule.js';
import { type Json } from '../lib/json.js';
import { LogicError } from './logic/errors.js';

const hot = {
  match: { status: 'completed', 'extracted_variables.lead_quality': ['high', 'hot'] },
  when: { '>=': [{ var: 'duration' }, 20] },
};

describe('a condition', () => {
  it('wants both match and when', () => {
    const condition = compileCondition(hot, {});
    const data = { status: 'completed', extracted_variables: { lead_quality: 'Hot' }, duration: 60 };
    expect(condition.test(data)).toBe(true);
    expect(condition.test({ ...data, status: 'busy' })).toBe(false);
    expect(condition.test({ ...data, duration: 5 })).toBe(false);
    expect(condition.test({ ...data, duration: null })).toBe('undecided');
    expect(condition.test({ ...data, duration: null, status: 'busy' })).toBe(false);
  });

  it('is one flat `and`', () => {
    expect(conditionToLogic(hot)).toMatchObject({
      and: [{ same: [] }, { same: [] }, { '>=': [] }].map(() => ({})),
    });
    expect(conditionToLogic({ match: 'everything' })).toBe(true);
  });

  it('says because of which paths it is undecided', () => {
    const data = { status: 'completed', extracted_variables: { lead_quality: 'hot' } };
    expect(compileCondition(hot, {}).because(data)).toEqual([{ path: 'duration', problem: 'missing' }]);
  });

  it('takes the truth of JSON Logic', () => {
    expect(compileCondition({ when: { var: 'list' } }, {}).test({ list: [] })).toBe(false);
    expect(compileCondition({ when: { var: 'text' } }, {}).test({ text: '0' })).toBe(true);
  });

  it('does not loop when a plain part is false already', () => {
    const bomb: Json = {
      reduce: [{ var: 'l' }, { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] }, 'x'],
    };
    const condition = compileCondition({ when: { and: [bomb, { '==': [{ var: 'a' }, 1] }] } }, {});
    expect(condition.test({ a: 2, l: Array.from({ length: 100 }, () => 1) })).toBe(false);
  });

  it('cannot be compiled with errors', () => {
    expect(() => compileCondition({ when: { log: 1 } }, {})).toThrow(LogicError);
    expect(() => compileCondition({}, {})).toThrow(/neither `match` nor `when`/);
  });
});

describe('checkCondition', () => {
  it('leads to the place in match and when', () => {
    const content: ConditionContent = {
      match: { status: { foo: 1 } },
      when: { and: [{ bar: 1 }, { '!': [{ var: 'a' }] }] },
    };
    expect(checkCondition(content).map(({ path, severity }) => `${severity} ${path}`)).toEqual([
      'error match.status.foo',
      'error when.and[0].bar',
    ]);
  });

  it('passes warnings on', () => {
    const content = { match: [{ a: 1 }], when: { '!': [{ var: 'b' }] } };
    expect(checkCondition(content)).toMatchObject([{ path: 'when.!', severity: 'warning' }]);
  });

  it('refuses a match that is too large to be run', () => {
    const match = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`field_${i}`, i]));
    expect(checkCondition({ match })).toMatchObject([{ path: 'match', severity: 'error' }]);
  });
});
