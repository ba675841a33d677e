import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPublicHoliday, parseHolidayPlace } from './public-holidays.js';

describe('isPublicHoliday', () => {
  it.each([
    ['AT', '2026-10-26', true],
    ['AT', '2026-10-27', false],
    ['AT', '2026-04-06', true],
    ['AT', '2027-03-29', true],
    // Banks close in the afternoon; the day is not free.
    ['AT', '2026-12-24', false],
    ['AT', '2026-05-10', false],
    ['DE', '2026-01-06', false],
    ['DE-BY', '2026-01-06', true],
    ['US', '2026-07-03', true],
    ['US', '2026-11-26', true],
    // Three days and the evening before.
    ['TR', '2026-03-19', false],
    ['TR', '2026-03-20', true],
    ['TR', '2026-03-22', true],
    ['TR', '2026-03-23', false],
    ['IL', '2026-09-21', true],
    ['IL', '2026-09-20', false],
    ['ZZ', '2026-01-01', false],
  ])('in %s on %s it is %s', (place, day, expected) => {
    expect(isPublicHoliday(place, day)).toBe(expected);
  });

  it('knows nothing of years that are far away', () => {
    expect(isPublicHoliday('AT', '1900-01-01')).toBe(false);
    expect(isPublicHoliday('AT', '9999-01-01')).toBe(false);
    expect(isPublicHoliday('AT', '+012026-01-01')).toBe(false);
  });
});

describe('parseHolidayPlace', () => {
  it.each([
    ['AT', 'AT'],
    [' at-9 ', 'AT-9'],
    ['de-by', 'DE-BY'],
    ['DE-BY-A', 'DE-BY-A'],
    ['ck-atiu', 'CK-Atiu'],
  ])('reads %s', (text, place) => {
    expect(parseHolidayPlace(text)).toEqual({ place });
  });

  it.each([
    [
      'Austria',
      '`Austria` is no country whose holidays are known; expected a code such as AT; did you mean AT (Austria)?',
    ],
    ['Austrai', 'did you mean AT (Austria)?'],
    [
      'AT-Tirol',
      '`Tirol` is no state of AT whose holidays are known; expected a code such as 1; did you mean 7 (Tirol)?',
    ],
    ['XQ', '`XQ` is no country'],
    ['DE-XX', '`XX` is no state of DE'],
    ['DE-BY-Z', '`Z` is no region of DE-BY'],
    ['DE-BY-A-1', '`1` is no region of DE-BY-A whose holidays are known; none is known there'],
    ['', '`` is no country'],
    ['__proto__', '`__proto__` is no country'],
  ])('says what is wrong with %j', (text, message) => {
    expect(JSON.stringify(parseHolidayPlace(text))).toContain(JSON.stringify(message).slice(1, -1));
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Z]{2}(-[A-Z0-9]{1,2}){0,3}$/)), (text) => {
        const read = parseHolidayPlace(text);
        if ('place' in read) expect(typeof isPublicHoliday(read.place, '2026-01-01')).toBe('boolean');
      }),
      { numRuns: 50 },
    );
  });
});
