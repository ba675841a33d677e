import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Appetite } from './appetite.js';

describe('Appetite', () => {
  it('grows while there is more, up to the room, and begins anew when there was less', () => {
    const appetite = new Appetite();
    const asked = Array.from({ length: 6 }, () => {
      const ask = appetite.of('crm', 20);
      appetite.fed('crm', ask, true);
      return ask;
    });
    expect(asked).toEqual([1, 2, 4, 8, 16, 20]);
    appetite.fed('crm', 20, false);
    expect([appetite.of('crm', 20), appetite.of('mail', 20)]).toEqual([1, 1]);
  });

  it('takes a backlog of n in as many rounds as doubling needs, and never asks for more than there is room', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 200 }), (backlog, room) => {
        const appetite = new Appetite();
        let left = backlog;
        const asks: number[] = [];
        while (left > 0) {
          const ask = appetite.of('crm', room);
          appetite.fed('crm', ask, left >= ask);
          asks.push(ask);
          left -= ask;
        }
        expect(asks.filter((ask) => ask < 1 || ask > room)).toEqual([]);
        expect(asks.length).toBeLessThanOrEqual(Math.ceil(backlog / room) + Math.ceil(Math.log2(room)) + 1);
      }),
    );
  });
});
