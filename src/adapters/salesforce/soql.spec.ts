import { expect, it } from '@jest/globals';
import { HOSTILE_TEXTS } from '../../../test/support/stand-ins/hostile-texts.js';
import { readSoql } from '../../../test/support/stand-ins/read-soql.js';
import { soqlText, soqlTime } from './soql.js';

it.each([
  ["O'Neill", "'O\\'Neill'"],
  ['\\', "'\\\\'"],
  ["\\' OR Name != '", "'\\\\\\' OR Name != \\''"],
  ['a\nb\u0000', "'a\\nb\\u0000'"],
])('writes %j as %s', (text, written) => {
  expect(soqlText(text)).toBe(written);
});

it('lets no hostile text out of its quotes', () => {
  for (const text of HOSTILE_TEXTS) {
    const query = readSoql(`SELECT Id FROM Task WHERE Subject = ${soqlText(text)} AND WhoId = '003' LIMIT 1`);
    expect(query?.conditions).toEqual([
      { field: 'Subject', operator: '=', value: text },
      { field: 'WhoId', operator: '=', value: '003' },
    ]);
  }
});

it('writes times without quotes', () => {
  expect(soqlTime(Date.UTC(2026, 10, 23))).toBe('2026-11-23T00:00:00.000Z');
});
