import { describe, expect, it } from '@jest/globals';
import { compile } from './compile.js';
import { type LogicOptions } from './node.js';
import { UNDECIDED } from './undecided.js';

const options: LogicOptions = {
  tables: { team_of: { '+1987654321': 'sales-slack', constructor: 'own' } },
  calendars: {
    office: { open: { wed: [{ fromMinute: 540, toMinute: 1020 }] }, timezone: 'Europe/Vienna', holidays: [] },
  },
  timezone: 'Europe/Vienna',
};

function run(rule: unknown, data: unknown = {}, missing: 'undecided' | 'as-null' = 'undecided') {
  return compile(rule, { ...options, missing })(data);
}

describe('same', () => {
  it.each([
    ['High ', 'high'],
    [true, 'Yes'],
    [true, 1],
    [true, 'true'],
    ['1', true],
    [false, 'no'],
    [0, false],
    [5, ' 5.0 '],
    ['12345678901234567890', '12345678901234567890'],
  ])('%j means the same as %j', (a, b) => {
    for (const [left, right] of [
      [a, b],
      [b, a],
    ]) {
      expect(run({ same: [{ var: 'x' }, right] }, { x: left })).toBe(true);
      expect(run({ same: [{ var: 'x' }, { var: 'y' }] }, { x: left, y: right })).toBe(true);
      expect(run({ same: [{ var: 'x' }, right] }, { x: left }, 'as-null')).toBe(true);
      expect(run({ not_same: [{ var: 'x' }, right] }, { x: left })).toBe(false);
    }
  });

  it.each([
    ['yes', 'true'],
    ['01234', '1234'],
    ['12345678901234567890', '12345678901234567891'],
    [true, 2],
    [true, 'on'],
    [1, 'one'],
    [['a'], 'a'],
    [{ a: 1 }, '[object Object]'],
  ])('%j does not mean the same as %j', (a, b) => {
    expect(run({ same: [{ var: 'x' }, b] }, { x: a })).toBe(false);
    expect(run({ not_same: [{ var: 'x' }, b] }, { x: a })).toBe(true);
  });

  it.each([null, undefined, '', '  '])('never holds on %j, and its opposite is undecided', (x) => {
    expect(run({ same: [{ var: 'x' }, { var: 'x' }] }, { x })).toBe(false);
    expect(run({ same: [{ var: 'x' }, ['', 'a']] }, { x })).toBe(false);
    expect(run({ not_same: [{ var: 'x' }, 'a'] }, { x })).toBe(UNDECIDED);
    expect(run({ not_same: [{ var: 'x' }, 'a'] }, { x }, 'as-null')).toBe(true);
  });

  it('takes a list as alternatives', () => {
    const rule = { same: [{ var: 'x' }, ['Hot', 7, true]] };
    for (const x of ['hot', '7', 'yes', 1]) expect(run(rule, { x })).toBe(true);
    for (const x of ['cold', 8, 'no', 0]) expect(run(rule, { x })).toBe(false);
  });
});

describe('tests of text', () => {
  it.each([
    [{ contains: [{ var: 's' }, 'DEMO'] }, true],
    [{ contains: [{ var: 's' }, ['pizza', 'demo']] }, true],
    [{ contains: [{ var: 'tags' }, 'VIP'] }, true],
    [{ contains: [{ var: 'tags' }, 'vi'] }, false],
    [{ starts_with: [{ var: 's' }, 'wants'] }, true],
    [{ ends_with: [{ var: 's' }, 'demo'] }, true],
    [{ ends_with: [{ var: 's' }, { var: 'end' }] }, true],
    [{ starts_with: [{ var: 'n' }, '12'] }, true],
    [{ contains: [{ var: 'missing' }, 'x'] }, false],
    [{ contains: [{ var: 's' }, ''] }, false],
    [{ lower: [{ var: 's' }] }, ' wants a demo'],
    [{ lower: [{ var: 'missing' }] }, null],
    [{ matches: [{ var: 's' }, '^ Wants.*o$'] }, true],
    [{ matches: [{ var: 's' }, ['x{3}', 'D[e]mo']] }, true],
    [{ matches: [{ var: 's' }, 'DEMO'] }, false],
    [{ matches: [{ var: 's' }, '(?i)DEMO'] }, true],
    [{ matches: [{ var: 'missing' }, 'x'] }, false],
  ])('%j is %j', (rule, result) => {
    const data = { s: ' Wants a Demo', tags: ['vip ', 'new'], n: 123, end: 'DEMO ' };
    expect(run(rule, data)).toBe(result);
    expect(run(rule, data, 'as-null')).toBe(result);
  });

  it('finds a pattern that would take a backtracking engine for ever', () => {
    expect(run({ matches: [{ var: 's' }, '^(a+)+$'] }, { s: `${'a'.repeat(50_000)}b` })).toBe(false);
  });
});

describe('exists', () => {
  it.each([
    [{ a: 1 }, true, true],
    [{ a: 0 }, true, true],
    [{ a: ' ' }, true, false],
    [{ a: null }, false, false],
    [{}, false, false],
  ])('on %j', (data, there, notEmpty) => {
    expect(run({ exists: ['a'] }, data)).toBe(there);
    expect(run({ exists: ['a', 'not_empty'] }, data)).toBe(notEmpty);
  });
});

describe('lookup', () => {
  it('finds own rows of a table', () => {
    expect(run({ lookup: ['team_of', { var: 'p' }] }, { p: '+1987654321' })).toBe('sales-slack');
    expect(run({ lookup: ['team_of', 'constructor'] })).toBe('own');
    expect(run({ lookup: ['team_of', 'toString'] })).toBeNull();
    expect(run({ lookup: ['team_of', { var: 'p' }] })).toBeNull();
    expect(run({ lookup: ['team_of', 'x', 'nobody'] })).toBe('nobody');
  });
});

describe('times', () => {
  const at = { t: '2025-01-15T23:35:00.000000Z', received_at: '2025-01-16T00:05:30Z' };

  it.each([
    [{ hour: [{ var: 't' }, 'Europe/Vienna'] }, 0],
    [{ weekday: [{ var: 't' }, 'Europe/Vienna'] }, 'thu'],
    [{ weekday: [{ var: 't' }, 'America/New_York'] }, 'wed'],
    [{ hour: [{ var: 't' }] }, 0],
    [{ hour: ['2025-01-15 09:30:00'] }, 9],
    [{ hour: [1736937300, 'UTC'] }, 10],
    [{ minutes_since: [{ var: 't' }] }, 30.5],
    [{ some: [[1], { '>': [{ minutes_since: ['2025-01-16T00:05:00Z'] }, 0] }] }, true],
    [{ inside: ['2025-01-15T08:00:00Z', 'office'] }, true],
    [{ inside: ['2025-01-15T16:00:00Z', 'office'] }, false],
  ])('%j is %j', (rule, result) => {
    expect(run(rule, at)).toBe(result);
    expect(run(rule, at, 'as-null')).toBe(result);
  });

  it.each([
    { hour: [{ var: 'none' }, 'UTC'] },
    { hour: ['yesterday', 'UTC'] },
    { hour: [1e300, 'UTC'] },
    { weekday: [{ var: 't' }, { var: 'none' }] },
    { weekday: [{ var: 't' }, { cat: ['Mars', '/Base'] }] },
    { inside: ['soon', 'office'] },
    { '!': [{ inside: [{ var: 'none' }, 'office'] }] },
  ])('%j is undecided', (rule) => {
    expect(run(rule, at)).toBe(UNDECIDED);
  });

  it('counts minutes to received_at only when it is there', () => {
    expect(run({ minutes_since: ['2025-01-15T10:00:00Z'] }, {})).toBe(UNDECIDED);
  });
});
