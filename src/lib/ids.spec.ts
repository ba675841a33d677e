import { describe, expect, it } from '@jest/globals';
import { newId } from './ids.js';

describe('newId', () => {
  it('makes version 7 ids that differ within one millisecond', () => {
    const ids = Array.from({ length: 1_000 }, () => newId(1_736_937_300_000));
    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts ids of one process without being told the time', () => {
    const ids = Array.from({ length: 1_000 }, () => newId());
    expect([...ids].sort()).toEqual(ids);
  });

  it('sorts by time', () => {
    const times = [1_736_937_300_000, 1_736_937_300_001, 1_836_937_300_000];
    const ids = times.map((time) => newId(time));
    expect([...ids].sort()).toEqual(ids);
  });
});
