import { expect, it } from '@jest/globals';
import { lengthText, writtenLength } from './time-text.js';

it.each([
  [45 * 60_000, '45 min'],
  [119 * 60_000, '119 min'],
  [30 * 3_600_000, '30 h'],
  [72 * 3_600_000, '3 days'],
])('says %d as %s', (ms, text) => {
  expect(lengthText(ms)).toBe(text);
});

it.each([
  [0, '0 ms'],
  [1500, '1500 ms'],
  [10_000, '10 s'],
  [5_400_000, '90 min'],
  [3_600_000, '1 h'],
  [86_400_000, '1 day'],
  [216_000_000, '60 h'],
  [14 * 86_400_000, '14 days'],
])('keeps %d, which somebody wrote, as %s', (ms, text) => {
  expect(writtenLength(ms)).toBe(text);
});
