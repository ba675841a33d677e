import { describe, expect, it } from '@jest/globals';
import { deepFreeze } from './freeze.js';

describe('deepFreeze', () => {
  it('freezes what is inside objects and lists', () => {
    const value = deepFreeze({ list: [{ a: 1 }], map: new Map([['a', 1]]) });
    expect(Object.isFrozen(value.list)).toBe(true);
    expect(Object.isFrozen(value.list[0])).toBe(true);
    expect(Object.isFrozen(value.map)).toBe(false);
  });
});
