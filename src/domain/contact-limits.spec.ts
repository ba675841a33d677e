import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CONTACT_CHANNELS, DEFAULT_CONTACT_LIMITS, freeAt, longestLimitMs } from './contact-limits.js';

const DAY_MS = 86_400_000;
const now = Date.parse('2026-01-14T10:00:00Z');
const calls = (...hoursAgo: number[]) =>
  hoursAgo.map((hours) => ({ at: now - hours * 3_600_000, channel: 'call' as const }));

describe('freeAt', () => {
  it('is now while fewer were made than allowed', () => {
    expect(freeAt({ now, channel: 'call', reached: calls(1, 2, 25) }, DEFAULT_CONTACT_LIMITS)).toEqual({
      at: now,
      limit: null,
    });
  });

  it('is when the oldest that fills the limit leaves its window', () => {
    const used = freeAt({ now, channel: 'call', reached: calls(30, 1, 20, 5) }, DEFAULT_CONTACT_LIMITS);
    expect(used).toEqual({ at: now + 4 * 3_600_000, limit: '3 (call)' });
  });

  it('counts all channels together for `any`', () => {
    const reached = [
      ...calls(30, 40, 50),
      { at: now - 1, channel: 'sms' as const },
      { at: now, channel: 'email' as const },
    ];
    const used = freeAt({ now, channel: 'whatsapp', reached }, DEFAULT_CONTACT_LIMITS);
    expect(used).toEqual({ at: now - 50 * 3_600_000 + 7 * DAY_MS, limit: '5 (any)' });
    expect(freeAt({ now, channel: 'whatsapp', reached }, {}).at).toBe(now);
  });

  it('never lets more through than a limit allows in any window', () => {
    const limits = { call: { count: 2, perMs: 1000 }, any: { count: 3, perMs: 5000 } };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(800), fc.constantFrom(...CONTACT_CHANNELS)), { maxLength: 30 }),
        (tries) => {
          const reached: { at: number; channel: (typeof CONTACT_CHANNELS)[number] }[] = [];
          let time = 0;
          for (const [gap, channel] of tries) {
            time = freeAt({ now: time + gap, channel, reached }, limits).at;
            reached.push({ at: time, channel });
            const within = (perMs: number) => reached.filter(({ at }) => at > time - perMs);
            expect(within(5000).length).toBeLessThanOrEqual(3);
            expect(within(1000).filter((one) => one.channel === 'call').length).toBeLessThanOrEqual(2);
          }
        },
      ),
    );
  });
});

it('says how far back it looks', () => {
  expect(longestLimitMs(DEFAULT_CONTACT_LIMITS)).toBe(7 * DAY_MS);
  expect(longestLimitMs({})).toBe(0);
});
