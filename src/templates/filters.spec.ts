import { describe, expect, it } from '@jest/globals';
import { type JsonObject } from '../lib/json.js';
import { createTemplates } from './templates.js';

const clock = { now: () => Date.UTC(2025, 2, 30, 1, 30) };
const templates = createTemplates({
  timezone: 'Europe/Vienna',
  tables: { team_of: { '+1': 'sales', '7': 7 } },
  files: {},
  clock,
});
const data: JsonObject = {
  phone: '+1',
  at: '2025-01-15T10:35:07.250000Z',
  summer: '2025-07-01T22:30:00Z',
  day: '2025-01-05',
  people: [
    { name: 'Bob', age: 40, address: { city: 'Graz' } },
    { name: 'ann', age: 30, address: { city: 'Wien' } },
  ],
};
const render = (text: string): string => templates.parse(`{{ ${text} }}`, 'text').render(data, 'empty').text;

describe('filters', () => {
  it.each([
    ["phone | lookup: 'team_of'", 'sales'],
    ["7 | lookup: 'team_of' | plus: 1", '8'],
    ["people | map: 'name' | join: ', '", 'Bob, ann'],
    ["people | map: 'address' | join", '{"city":"Graz"} {"city":"Wien"}'],
    ["people | where: 'address.city', 'Wien' | map: 'name' | first", 'ann'],
    ["people | reject: 'age', 30 | size", '1'],
    ["people | find: 'age', 30 | json", '{"name":"ann","age":30,"address":{"city":"Wien"}}'],
    ["people | sort: 'age' | map: 'name' | array_to_sentence_string", 'ann and Bob'],
    ["people | sum: 'age'", '70'],
    ["'a,b,,' | split: ',' | json", '["a","b"]'],
    ["' a  b ' | squish | upcase | truncate: 2, ''", 'A '],
    ["'J. D.' | url_encode", 'J.+D.'],
    ["'a&b' | escape", 'a&amp;b'],
    ["'x' | raw", 'x'],
    ['7 | divided_by: 2 | round', '4'],
    ["'abc' | slice: 1, 2", 'bc'],
    ["'abc' | sha256 | slice: 0, 8", 'ba7816bf'],
  ])('%s gives %s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });
});

describe('date', () => {
  it.each([
    ["at | date: '%d.%m.%Y %H:%M'", '15.01.2025 11:35'],
    ["summer | date: '%F %T %z'", '2025-07-02 00:30:00 +0200'],
    ["at | date: '%H:%M %Z', 'America/New_York'", '05:35 EST'],
    ['at | date', 'Wednesday, January 15, 2025 at 11:35 am +0100'],
    ["day | date: '%a %-d%q %b %y, week %V, day %j'", 'Sun 5th Jan 25, week 01, day 005'],
    [
      "day | date: '%e|%k|%l|%I|%_m|%3d|%-H|%^a|%#B|%:z|%%|%Q'",
      ' 5| 0|12|12| 1|005|0|SUN|JANUARY|+01:00|%|%Q',
    ],
    ["at | date: '%L %3N %s %p %u %w %U %W %C'", '250 250 1736937307 AM 3 3 02 02 20'],
    ["'2025-01-15 09:05:00' | date: '%H:%M %z'", '09:05 +0100'],
    ["1736937307 | date: '%H:%M'", '11:35'],
    ["'1736937307' | date: '%H:%M'", '11:35'],
    ["1736937307250 | date: '%H:%M'", '11:35'],
    ["'Wed, 15 Jan 2025 10:35:07 GMT' | date: '%H:%M'", '11:35'],
    ["'now' | date: '%H:%M'", '03:30'],
    ["'next Tuesday' | date: '%H:%M'", 'next Tuesday'],
    ["nothing | date: '%H' | default: '-'", '-'],
  ])('%s gives %s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });
});
