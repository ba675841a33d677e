import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Json } from '../lib/json.js';
import { MAPPING_MODES, mappedFields, mergeFields, namesToRead, readMapping } from './field-mapping.js';

const merge = (fields: Json, present: Record<string, Json>) => mergeFields(readMapping(fields), present);

describe('a mapping of fields', () => {
  it('writes values over what is there, of whatever type they are', () => {
    const fields = { name: 'Ann', age: 42, vip: true, tags: ['a'], gone: null };
    expect(merge(fields, { name: 'Bob', age: 1 })).toEqual(fields);
  });

  it('fills only what is empty', () => {
    const fill = (value: Json) => ({ city: { value, mode: 'fill_if_empty' } });
    for (const empty of [null, '', []])
      expect(merge(fill('Vienna'), { city: empty })).toEqual({ city: 'Vienna' });
    expect(merge(fill('Vienna'), {})).toEqual({ city: 'Vienna' });
    expect(merge(fill('Vienna'), { city: 'Graz' })).toEqual({});
    expect(merge(fill(''), {})).toEqual({});
  });

  it('appends a line, and not the same one again', () => {
    const append = { notes: { value: 'called', mode: 'append' } };
    expect(merge(append, {})).toEqual({ notes: 'called' });
    expect(merge(append, { notes: 'first' })).toEqual({ notes: 'first\ncalled' });
    expect(merge(append, { notes: 'first\ncalled' })).toEqual({});
    expect(merge(append, { notes: 'was called' })).toEqual({ notes: 'was called\ncalled' });
  });

  it('leaves out a field whose value is missing', () => {
    expect(merge({ city: { mode: 'fill_if_empty' }, name: { mode: 'overwrite' } }, {})).toEqual({});
  });

  it('has to be read before it is written only where the mode says so', () => {
    const fields = { a: 'x', b: { value: 'x', mode: 'overwrite' }, c: { value: 'x', mode: 'append' } };
    expect(namesToRead(readMapping(fields))).toEqual(['c']);
  });

  it('refuses modes that are none', () => {
    expect(mappedFields.safeParse({ a: { value: 'x', mode: 'merge' } }).success).toBe(false);
  });

  it('changes nothing when it is applied twice', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const field = fc.record({ value, mode: fc.constantFrom(...MAPPING_MODES) });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), field), fc.dictionary(fc.string(), value), (fields, present) => {
        const once = { ...present, ...merge(fields, present) };
        expect({ ...once, ...merge(fields, once) }).toEqual(once);
      }),
    );
  });
});
