import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { editCall, hasId, parseValue } from './edit-call.js';

const edit = (call: object, changes: Parameters<typeof editCall>[1]): unknown =>
  JSON.parse(editCall(JSON.stringify(call), changes));

describe('editCall', () => {
  it('sets values by path and makes the objects on the way', () => {
    expect(edit({ id: 1 }, { set: { 'lead.variables.city': 'Wien', status: 'busy' } })).toEqual({
      id: 1,
      lead: { variables: { city: 'Wien' } },
      status: 'busy',
    });
  });

  it('fills a place that is null or an empty list', () => {
    const call = { lead: null, extracted_variables: [] };
    expect(edit(call, { set: { 'lead.id': 7, 'extracted_variables.status': true } })).toEqual({
      lead: { id: 7 },
      extracted_variables: { status: true },
    });
  });

  it('changes, adds and removes items of a list', () => {
    const set = { 'transcript.0.text': 'Bye', 'transcript.1': { text: 'new' } };
    expect(edit({ transcript: [{ text: 'Hi' }] }, { set })).toEqual({
      transcript: [{ text: 'Bye' }, { text: 'new' }],
    });
    expect(edit({ transcript: [1, 2, 3] }, { unset: ['transcript.1', 'transcript.9'] })).toEqual({
      transcript: [1, 3],
    });
  });

  it('takes paths out and shrugs at paths that are not there', () => {
    expect(edit({ id: 1, lead: { a: 1, b: 2 } }, { unset: ['lead.a', 'campaign.id', 'nothing'] })).toEqual({
      id: 1,
      lead: { b: 2 },
    });
  });

  it('keeps every digit of an id that it does not touch', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 15n, max: 10n ** 30n }), (id) => {
        const text = editCall(`{"id": ${id}, "score": 1.50}`, { set: { status: 'busy' } });
        expect(text).toContain(`"id": ${id},`);
        expect(text).toContain('1.50');
      }),
    );
  });

  it('writes numbers of any length', () => {
    const text = editCall('{}', { set: { id: parseValue('123456789012345678901') } });
    expect(text).toContain('123456789012345678901');
  });

  it.each([
    [{ id: 5 }, 'id.x', 'id.x cannot be set: id is a number, not an object'],
    [{ a: { b: 'text' } }, 'a.b.c', 'a.b.c cannot be set: a.b is a string, not an object'],
    [{ list: [1] }, 'list.first', 'list.first: first is no place in a list of 1'],
    [{ list: [1] }, 'list.5', 'list.5: 5 is no place in a list of 1'],
    [{}, 'a..b', 'a..b is not a path'],
    [{}, '__proto__.x', '__proto__.x is not a path'],
  ])('refuses %j with %s', (call, path, message) => {
    expect(() => edit(call, { set: { [path]: 1 } })).toThrow(message);
  });

  it('refuses what is no JSON object', () => {
    expect(() => editCall('[1]', {})).toThrow('the call is not a JSON object');
    expect(() => editCall('nonsense', {})).toThrow('the call is not a JSON object');
  });
});

describe('parseValue', () => {
  it.each([
    ['Hot', 'Hot'],
    ['"12"', '12'],
    ['true', true],
    ['null', null],
    ['[]', []],
    ['+1987654321', '+1987654321'],
    ['', ''],
  ])('reads %s', (written, value) => {
    expect(parseValue(written)).toEqual(value);
  });
});

describe('hasId', () => {
  it.each([
    ['{"id": 5}', true],
    ['{"id": null}', false],
    ['{"status": "completed"}', false],
  ])('of %s is %s', (text, answer) => {
    expect(hasId(text)).toBe(answer);
  });
});
