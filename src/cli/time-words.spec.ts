import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationWords, localTime, relativeTime, timeWords } from './time-words.js';

const NOW = Date.UTC(2026, 10, 23, 10, 30);

describe('relativeTime', () => {
  it.each([
    [0, 'now'],
    [-999, 'now'],
    [-12_000, '12 s ago'],
    [-119_000, '119 s ago'],
    [120_000, 'in 2 min'],
    [-7_199_000, '119 min ago'],
    [7_200_000, 'in 2 h'],
    [-172_799_000, '47 h ago'],
    [-172_800_000, '2 d ago'],
  ])('%s ms off is %s', (offMs, words) => {
    expect(relativeTime(NOW + offMs, NOW)).toBe(words);
  });
});

describe('localTime', () => {
  it('names the same moment whatever the zone of the machine', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2099-01-01'), noInvalidDate: true }), (date) => {
        const seconds = Math.floor(date.getTime() / 1000) * 1000;
        const [day, time, zone] = localTime(seconds).split(' ');
        expect(Date.parse(`${day}T${time}${zone}`)).toBe(seconds);
      }),
    );
  });

  it('stands before the relative time', () => {
    expect(timeWords('2026-11-23T10:29:30.000Z', NOW)).toMatch(
      /^2026-11-2\d \d\d:\d\d:30 [+-]\d\d:\d\d \(30 s ago\)$/,
    );
  });
});

describe('durationWords', () => {
  it.each([
    [0, '0 ms'],
    [84, '84 ms'],
    [2_345, '2.3 s'],
  ])('of %s is %s', (ms, words) => {
    expect(durationWords(ms)).toBe(words);
  });
});
