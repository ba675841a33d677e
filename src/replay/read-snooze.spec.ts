import { describe, expect, it } from '@jest/globals';
import { type SnoozeOptions } from './queries.js';
import { readSnooze } from './read-snooze.js';

const NOW = Date.parse('2026-11-24T09:00:00.000Z');
const HOUR_MS = 3_600_000;

function snoozed(options: SnoozeOptions, dueAt = NOW + HOUR_MS): string {
  return new Date(readSnooze(options, { now: NOW, timezone: 'Europe/Vienna' })(dueAt)).toISOString();
}

describe('readSnooze', () => {
  it.each([
    ['2026-12-01T10:00:00Z', '2026-12-01T10:00:00.000Z'],
    ['2026-12-01T10:00:00+05:30', '2026-12-01T04:30:00.000Z'],
    ['2026-12-01T10:00', '2026-12-01T09:00:00.000Z'],
    ['tomorrow at 10:00', '2026-11-25T09:00:00.000Z'],
  ])('puts everything off until %s', (until, at) => {
    expect(snoozed({ until })).toBe(at);
    expect(snoozed({ until }, NOW + 500 * HOUR_MS)).toBe(at);
  });

  it('puts each off by the same length, counted from its own time', () => {
    expect(snoozed({ by: '2h' })).toBe('2026-11-24T12:00:00.000Z');
    expect(snoozed({ by: '3 days' })).toBe('2026-11-27T10:00:00.000Z');
  });

  it('counts from now what is due already', () => {
    expect(snoozed({ by: '2h' }, NOW - 100 * HOUR_MS)).toBe('2026-11-24T11:00:00.000Z');
  });

  it.each<[SnoozeOptions, RegExp]>([
    [{}, /^until, by: expected one of the two/],
    [{ until: '2026-12-01T10:00', by: '2h' }, /^until, by: expected one/],
    [{ until: 'when he is back' }, /^until: expected a time such as .* \(on the clock of Europe\/Vienna\)/],
    [{ until: '2026-11-24T08:00:00Z' }, /^until: that time is over/],
    [{ by: '2 months' }, /^by: expected how much later/],
    [{ by: '0s' }, /^by: expected/],
    [{ by: '' }, /^by: expected/],
  ])('refuses %j', (options, message) => {
    expect(() => snoozed(options)).toThrow(
      expect.objectContaining({ status: 'bad_request', message: expect.stringMatching(message) as unknown }),
    );
  });
});
