import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTime } from './read-time.js';
import { wallText } from './wall-clock.js';

/** A Tuesday, 13:00 in Vienna. */
const from = Date.parse('2026-03-10T12:00:00Z');
const zone = 'Europe/Vienna';

function read(text: string, at = from) {
  const time = readTime(text, { from: at, zone });
  return time && `${wallText(time.at, zone)} ${time.precision}`;
}

describe('readTime', () => {
  it.each([
    ['2026-12-01T17:00', '2026-12-01 17:00 time'],
    ['2026-12-01 17:00', '2026-12-01 17:00 time'],
    ['2026-12-01T17:00:30.123456', '2026-12-01 17:00 time'],
    ['2026-12-01T17:00Z', '2026-12-01 18:00 time'],
    ['2026-12-01T17:00:00+0200', '2026-12-01 16:00 time'],
    ['2026-12-01T17:00-05:00', '2026-12-01 23:00 time'],
    ['2026-12-01T17:00[America/New_York]', '2026-12-01 23:00 time'],
    ['2026-12-01T05:00', '2026-12-01 05:00 time'],
    ['2026-12-01', '2026-12-01 00:00 day'],
    ['1.12.2026 17:00', '2026-12-01 17:00 time'],
    ['01.12.2026', '2026-12-01 00:00 day'],
    ['12/24/2026', '2026-12-24 00:00 day'],
    ['December 1st at 9am', '2026-12-01 09:00 time'],
  ])('reads the date %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    ['tomorrow at 5 pm', '2026-03-11 17:00 time'],
    ['tomorrow at five', '2026-03-11 17:00 time'],
    ['Tuesday 10:00', '2026-03-17 10:00 time'],
    ['Please call me back on Friday at 3, thanks', '2026-03-13 15:00 time'],
    ['in two hours', '2026-03-10 15:00 time'],
    ['in half an hour', '2026-03-10 13:30 time'],
    ['17:00', '2026-03-10 17:00 time'],
    ['12:30', '2026-03-11 12:30 time'],
    ['at 5', '2026-03-10 17:00 time'],
    ['at 05:00', '2026-03-11 05:00 time'],
    ['half past four tomorrow', '2026-03-11 16:30 time'],
    ['quarter to six', '2026-03-10 17:45 time'],
    ['after 5 pm', '2026-03-10 17:00 time'],
    ['2-4 pm tomorrow', '2026-03-11 14:00 time'],
    ['5pm EST', '2026-03-10 23:00 time'],
    ['now', '2026-03-10 13:00 time'],
    ['tomorrow morning', '2026-03-11 09:00 part_of_day'],
    ['Sunday afternoon', '2026-03-15 14:00 part_of_day'],
    ['tonight', '2026-03-10 18:00 part_of_day'],
    ['tomorrow', '2026-03-11 00:00 day'],
    ['next Tuesday', '2026-03-17 00:00 day'],
    ['in 2 days', '2026-03-12 00:00 day'],
    ['yesterday', '2026-03-09 00:00 day'],
  ])('reads "%s"', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    'asap',
    '9',
    'next month',
    'in 3 business days',
    '2026-02-30T10:00',
    '2026-13-01',
    '2026-12-01T25:00',
    '2026-12-01T17:00[Europe/Viena]',
    '2/4 at 5 pm',
    'Tuesday or Wednesday at 5',
    'between 2 and 4 pm tomorrow',
    'not tomorrow',
    "don't call tomorrow",
    'before 5 pm',
    'end of the week',
    '10 am London time',
    '5 pm Eastern',
    'friday 5pm Europe/Paris',
    'Friday at 3pm, my number is 5551234',
    `tomorrow at 5 pm${' '.repeat(10)}${'x'.repeat(200)}`,
    '',
  ])('leaves "%s" to a person', (text) => {
    expect(read(text)).toBeNull();
  });

  it('reads a time that daylight saving leaves out as the next valid minute', () => {
    for (const text of ['2026-03-29T02:30', 'March 29 at 2:30 am'])
      expect(read(text)).toBe('2026-03-29 03:00 time');
  });

  it('reads a time that comes twice as the first', () => {
    for (const text of ['2026-10-25T02:30', 'October 25 2026 at 2:30 am'])
      expect(readTime(text, { from, zone })?.at).toBe(Date.parse('2026-10-25T00:30:00Z'));
  });

  it('keeps the clock over a change of the offset, and hours that pass', () => {
    const saturday = Date.parse('2026-03-28T20:00:00Z');
    expect(read('tomorrow at 5 pm', saturday)).toBe('2026-03-29 17:00 time');
    expect(readTime('in 12 hours', { from: saturday, zone })?.at).toBe(Date.parse('2026-03-29T08:00:00Z'));
  });

  it('says until when a day or a part of it lasts', () => {
    const ends = (text: string) => wallText(readTime(text, { from, zone })?.until ?? NaN, zone);
    expect(ends('2026-03-29')).toBe('2026-03-30 00:00');
    expect(ends('tomorrow morning')).toBe('2026-03-12 00:00');
    expect(ends('tomorrow at 5 pm')).toBe('2026-03-11 17:00');
  });

  it('counts from the day of the zone, not of UTC', () => {
    const lateInVienna = Date.parse('2026-03-10T23:30:00Z');
    expect(read('tomorrow at 10 am', lateInVienna)).toBe('2026-03-12 10:00 time');
  });

  it('never throws, and gives instants only', () => {
    const words = fc
      .array(
        fc.constantFrom(
          ...'next last in at tomorrow today Tuesday Feb 29 31 5 17:00 2:30 am pm noon two half past weeks days ago : / - . T Z +14:00 EST 99999999999 0 2026 00'.split(
            ' ',
          ),
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join(' '));
    const anyZone = fc.constantFrom('UTC', 'Europe/Vienna', 'Pacific/Apia', 'No/Zone');
    const anyTime = fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.double());
    fc.assert(
      fc.property(fc.oneof(words, fc.string(), fc.date().map(String)), anyTime, anyZone, (text, at, name) => {
        const time = readTime(text, { from: at, zone: name });
        if (time !== null) expect(Number.isFinite(time.at) && time.until >= time.at).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('reads back any time written in ISO', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) => {
        expect(readTime(new Date(seconds * 1000).toISOString(), { from, zone })?.at).toBe(seconds * 1000);
      }),
    );
  });
});
