import { describe, expect, it } from '@jest/globals';
import { followWords, isWithin, pathInWords } from './path.js';

describe('pathInWords', () => {
  it('writes list indices in brackets', () => {
    expect(pathInWords(['rules', 'hot-lead', 'then', 0, 'to'])).toBe('rules.hot-lead.then[0].to');
    expect(pathInWords([])).toBe('');
    expect(pathInWords(['alerts', 1])).toBe('alerts[1]');
  });
});

describe('followWords', () => {
  const value = {
    'lead.variables.email': { exists: true },
    lead: { x: 1 },
    list: [{ a: 1 }],
    '!': [{ var: 'x' }],
  };

  it.each<[string, (string | number)[]]>([
    ['lead.x', ['lead', 'x']],
    ['lead.variables.email.exists', ['lead.variables.email', 'exists']],
    ['list[0].a', ['list', 0, 'a']],
    ['list.0.a', ['list', 0, 'a']],
    ['![0].var', ['!', 0, 'var']],
    ['list[3].a', ['list', '[3].a']],
    ['gone.further', ['gone.further']],
    ['', []],
  ])('finds %s', (words, path) => {
    expect(followWords(value, words)).toEqual(path);
  });
});

describe('isWithin', () => {
  it('knows what lies below', () => {
    expect(isWithin(['a', 'b', 0], ['a', 'b'])).toBe(true);
    expect(isWithin(['a'], ['a', 'b'])).toBe(false);
    expect(isWithin(['a', 'c'], ['a', 'b'])).toBe(false);
  });
});
