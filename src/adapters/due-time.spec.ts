import { expect, it } from '@jest/globals';
import { checkDue, readDueTime } from './due-time.js';

const FROM = Date.parse('2026-11-23T23:30:00Z');

it.each([
  ['1 day', '2026-11-24T23:30:00.000Z', '2026-11-24'],
  ['45m', '2026-11-24T00:15:00.000Z', '2026-11-24'],
  ['2026-12-01', '2026-12-01T12:00:00.000Z', '2026-12-01'],
  [' 2026-12-01T00:30:00+02:00 ', '2026-11-30T22:30:00.000Z', '2026-12-01'],
  ['2026-12-01 09:05', '2026-12-01T09:05:00.000Z', '2026-12-01'],
  ['2026-12-01T09:05:07.123456z', '2026-12-01T09:05:07.123Z', '2026-12-01'],
])('reads %s', (text, at, date) => {
  const time = readDueTime(text, FROM);
  expect(time && new Date(time.at).toISOString()).toBe(at);
  expect(time?.date).toBe(date);
});

it.each(['', 'tomorrow', '2026-02-30', '2026-13-01', '2026-12-01T25:00', '01.12.2026', '1', '9999999999w'])(
  'does not guess what %j means',
  (text) => {
    expect(readDueTime(text, FROM)).toBeNull();
  },
);

it('finds fixed texts that are no time', () => {
  expect(checkDue('soon')).toEqual([expect.objectContaining({ path: 'due' })]);
  for (const due of ['2h', '{{ extracted_variables.when }}', undefined, null])
    expect(checkDue(due)).toEqual([]);
});
