import { expect, it } from '@jest/globals';
import { lengthText } from './time-text.js';

it.each([
  [45 * 60_000, '45 min'],
  [119 * 60_000, '119 min'],
  [30 * 3_600_000, '30 h'],
  [72 * 3_600_000, '3 days'],
])('says %d as %s', (ms, text) => {
  expect(lengthText(ms)).toBe(text);
});
