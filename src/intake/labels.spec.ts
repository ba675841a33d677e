import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { labelsOf } from './labels.js';

const read = (query: string) => labelsOf(new URLSearchParams(query));

describe('labelsOf', () => {
  it('reads names and values', () => {
    expect(read('assistant=17&client=M%C3%BCller%20AG&a.b-c_d=x')).toEqual({
      assistant: '17',
      client: 'Müller AG',
      'a.b-c_d': 'x',
    });
  });

  it('lets the last of a name given twice count', () => {
    expect(read('a=1&a=2')).toEqual({ a: '2' });
  });

  it.each(['token=x', 'access_token=x', 'api_key=x', 'apikey=x', 'client_secret=x', 'Password=x'])(
    'does not make a label of %s',
    (query) => {
      expect(read(query)).toEqual({});
    },
  );

  it.each([
    'a=',
    '=x',
    '1a=x',
    'a%20b=x',
    '__proto__=x',
    `a=${'x'.repeat(201)}`,
    `${'a'.repeat(65)}=x`,
    'a=%00',
    'a=x%0Ay',
  ])('leaves out %.20s', (query) => {
    expect(Object.keys(read(query))).toEqual([]);
  });

  it('takes twenty labels and no more', () => {
    const query = Array.from({ length: 30 }, (_, i) => `l${i}=${i}`).join('&');
    expect(Object.keys(read(query))).toHaveLength(20);
  });

  it('never throws and stays small, whatever the query', () => {
    fc.assert(
      fc.property(fc.string(), (query) => {
        expect(JSON.stringify(read(query)).length).toBeLessThan(20 * 300);
      }),
    );
  });
});
