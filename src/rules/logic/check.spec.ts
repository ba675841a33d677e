import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkLogic } from './check.js';

const warned = (rule: unknown, missing: 'undecided' | 'as-null' = 'undecided') =>
  checkLogic(rule, { missing }).map(({ path, severity }) => `${severity} ${path}`);

describe('warnings', () => {
  it.each([
    [{ '!': [{ var: 'lead.variables.do_not_contact' }] }, '!'],
    [{ and: [true, { '!=': [{ var: 'status' }, 'completed'] }] }, 'and[1].!='],
    [{ '!==': ['completed', { var: 'status' }] }, '!=='],
    [{ '!': { '==': [{ var: 'status' }, 'completed'] } }, '!'],
    [{ '!': [{ in: [{ var: 'status' }, ['a', 'b']] }] }, '!'],
    [{ '!': [{ same: [{ var: 'status' }, 'a'] }] }, '!'],
  ])('name what holds just because a path is missing: %j', (rule, path) => {
    expect(warned(rule)).toEqual([`warning ${path}`]);
  });

  it.each([
    { and: [{ exists: ['status'] }, { '!=': [{ var: 'status' }, 'completed'] }] },
    { '!=': [{ var: ['status', 'completed'] }, 'completed'] },
    { '!=': [{ var: 'status' }, null] },
    { '!': [{ '>': [{ var: 'duration' }, 5] }] },
    { not_same: [{ var: 'status' }, 'completed'] },
    { '==': [{ var: 'status' }, 'completed'] },
  ])('stay silent on %j', (rule) => {
    expect(warned(rule)).toEqual([]);
  });

  it('include not_same where missing is null', () => {
    expect(warned({ not_same: [{ var: 'status' }, 'x'] }, 'as-null')).toEqual(['warning not_same']);
  });

  it('give way to errors', () => {
    expect(warned({ and: [{ '!': [{ var: 'a' }] }, { foo: 1 }] })).toEqual(['error and[1].foo']);
  });
});

describe('checkLogic', () => {
  it('leads to the place in words', () => {
    const findings = checkLogic({ or: [true, { and: [{ '!': { lowr: 'x' } }] }] });
    expect(findings).toEqual([
      {
        path: 'or[1].and[0].!.lowr',
        message: 'unknown operator `lowr`; did you mean `lower`?',
        severity: 'error',
      },
    ]);
  });

  it('knows tables and calendars, and the nearest name', () => {
    const options = {
      tables: { team_of: {} },
      calendars: { office: { open: {}, timezone: 'UTC', holidays: [] } },
    };
    expect(checkLogic({ lookup: ['team_of', { var: 'a' }] }, options)).toEqual([]);
    expect(checkLogic({ inside: [{ var: 'a' }, 'office'] }, options)).toEqual([]);
    expect(checkLogic({ lookup: ['teams_of', 'x'] }, options)[0]?.message).toContain(
      'did you mean `team_of`?',
    );
  });

  it('never throws, whatever the rule', () => {
    fc.assert(
      fc.property(fc.anything(), (rule) => {
        expect(Array.isArray(checkLogic(rule))).toBe(true);
      }),
    );
  });
});
