import { describe, expect, it } from '@jest/globals';
import { type Json } from '../lib/json.js';
import { compileCondition } from './condition.js';
import { LogicError } from './logic/errors.js';
import { checkMatch, matchToLogic } from './match.js';

const calendars = {
  office: { open: { wed: [{ fromMinute: 540, toMinute: 1020 }] }, timezone: 'UTC', holidays: [] },
};
const wed = (time: string) => ({ t: `2025-01-15T${time}:00Z` });

function test(match: Json, data: unknown, missing: 'undecided' | 'as-null' = 'undecided') {
  return compileCondition({ match }, { missing, calendars }).test(data);
}

const messages = (match: Json) =>
  checkMatch(match, { calendars }).map(({ path, message }) => `${path}: ${message}`);

describe('matchToLogic', () => {
  it.each<[Json, Json]>([
    ['everything', true],
    [{ status: 'completed' }, { same: [{ var: 'status' }, 'completed'] }],
    [
      { status: 'completed', 'lead.variables.tier': [1, 'gold'] },
      {
        and: [
          { same: [{ var: 'status' }, 'completed'] },
          { same: [{ var: 'lead.variables.tier' }, [1, 'gold']] },
        ],
      },
    ],
    [
      { duration: { '>=': 20, '<': 60 } },
      { and: [{ '>=': [{ var: 'duration' }, 20] }, { '<': [{ var: 'duration' }, 60] }] },
    ],
    [
      [{ a: 1 }, { b: { not: ['x', 'y'] } }],
      { or: [{ same: [{ var: 'a' }, 1] }, { not_same: [{ var: 'b' }, ['x', 'y']] }] },
    ],
    [{ a: { exists: false } }, { '!': [{ exists: ['a', 'not_empty'] }] }],
    [{ a: { outside: 'office' } }, { '!': [{ inside: [{ var: 'a' }, 'office'] }] }],
    [{ a: ['x', { '>': 5 }] }, { or: [{ same: [{ var: 'a' }, ['x']] }, { '>': [{ var: 'a' }, 5] }] }],
  ])('reads %j', (match, logic) => {
    expect(matchToLogic(match)).toEqual(logic);
  });

  it('throws what checkMatch reports', () => {
    expect(() => matchToLogic({})).toThrow(LogicError);
  });
});

describe('match', () => {
  it.each<[Json, unknown, boolean | 'undecided']>([
    [{ q: ['high', 'hot'] }, { q: ' Hot' }, true],
    [{ q: true }, { q: 'Yes' }, true],
    [{ q: 'high' }, {}, false],
    [{ q: 'high' }, { q: '' }, false],
    [{ q: { not: 'high' } }, { q: 'low' }, true],
    [{ q: { not: 'high' } }, {}, 'undecided'],
    [{ q: { not: 'high' } }, { q: ' ' }, 'undecided'],
    [{ q: { not: { contains: 'spam' } } }, { q: 'No SPAM' }, false],
    [{ q: { not: { contains: 'spam' } } }, { q: 'hello' }, true],
    [{ q: { not: { contains: 'spam' } } }, {}, 'undecided'],
    [{ q: { exists: true } }, { q: 0 }, true],
    [{ q: { exists: true } }, { q: '' }, false],
    [{ q: { exists: false } }, { q: ' ' }, true],
    [{ d: { '>=': 20 } }, { d: '125' }, true],
    [{ d: { '>=': 20 } }, {}, 'undecided'],
    [{ d: { '<': '2025-02-01' } }, { d: '2025-01-15' }, true],
    [{ d: { '<': '2025-02-01' } }, { d: '' }, 'undecided'],
    [{ d: { '>': '2025-02-01' } }, {}, 'undecided'],
    [{ d: { contains: 'x', ends_with: 'z' } }, { d: 'xyz' }, true],
    [{ d: { starts_with: ['a', 'X'] } }, { d: 'xyz' }, true],
    [{ d: { matches: '^x.z$' } }, { d: 'xyz' }, true],
    [{ d: { contains: 'x' } }, {}, false],
    [{ t: { inside: 'office' } }, wed('09:00'), true],
    [{ t: { outside: 'office' } }, wed('17:00'), true],
    [{ t: { outside: 'office' } }, {}, 'undecided'],
    ['everything', {}, true],
    [{ d: { '>=': 20 }, q: 'x' }, { q: 'y' }, false],
  ])('%j on %j is %j', (match, data, result) => {
    expect(test(match, data)).toBe(result);
  });

  it('knows no undecided where missing is null', () => {
    expect(test({ q: { not: 'high' } }, {}, 'as-null')).toBe(true);
    expect(test({ d: { '<': 20 } }, {}, 'as-null')).toBe(true);
    expect(test({ d: { '>=': 20 } }, {}, 'as-null')).toBe(false);
    expect(test({ q: { not: { contains: 'spam' } } }, {}, 'as-null')).toBe(true);
  });
});

describe('checkMatch', () => {
  it.each<[Json, string]>([
    [{}, ': is empty; to match every call write `match: everything`'],
    [[], ': is empty'],
    ['all', ': expected a map of paths and values, a list of such maps, or `everything`'],
    [[{ a: 1 }, 'b'], '[1]: expected a map'],
    [{ status: null }, 'status: a missing value equals nothing; write `{ exists: false }`'],
    [{ status: '' }, 'status: empty text counts as missing'],
    [{ status: [] }, 'status: is an empty list'],
    [{ status: ['a', null] }, 'status[1]: a missing value equals nothing'],
    [{ status: {} }, 'status: is empty; expected a value or one of not,'],
    [{ status: { contain: 'x' } }, 'status.contain: unknown operator `contain`; did you mean `contains`?'],
    [{ status: { '==': 'x' } }, 'status.==: unknown operator `==`; did you mean the value itself?'],
    [{ extracted_variables: { lead_quality: 'hot' } }, 'is written `extracted_variables.lead_quality: …`'],
    [{ a: { exists: 'yes' } }, 'a.exists: expected true or false'],
    [{ a: { not: { exists: true } } }, 'a.not.exists: cannot stand below `not`'],
    [{ d: { '>=': [1] } }, 'd.>=: expected a number'],
    [{ d: { '<': true } }, 'd.<: expected a number'],
    [{ d: { matches: '(' } }, 'd.matches: cannot be read as a pattern'],
    [{ d: { inside: 'ofice' } }, 'd.inside: no calendar is called `ofice`; did you mean `office`?'],
    [{ 'a.__proto__': 1 }, '`__proto__` leads out of the data'],
    [{ 'a..b': 1 }, 'a..b: expected a path'],
  ])('refuses %j', (match, message) => {
    expect(messages(match).join('\n')).toContain(message);
  });

  it('reports every line', () => {
    expect(messages({ a: null, b: { foo: 1 } })).toHaveLength(2);
  });
});
