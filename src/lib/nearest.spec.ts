import { describe, expect, it } from '@jest/globals';
import { nearest } from './nearest.js';

describe('nearest', () => {
  it.each([
    ['sales-slak', 'sales-slack'],
    ['Sales_Slack', 'sales-slack'],
    ['opsslack', 'ops-slack'],
    ['mial', 'mail'],
    ['mai', 'mail'],
    ['sales', 'sales-slack'],
    ['something-else', null],
    ['', null],
  ])('finds for %j the name %j', (word, expected) => {
    expect(nearest(word, ['sales-slack', 'ops-slack', 'mail'])).toBe(expected);
  });

  it('takes the nearest, and the first of equals', () => {
    expect(nearest('titel', ['tables', 'title', 'titre'])).toBe('title');
    expect(nearest('messag', ['massage', 'message'])).toBe('message');
  });
});
