import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, isJsonObject, type Json, ownProperty, readPath } from './json.js';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

describe('canonicalJson', () => {
  it('prints values alike that differ in key order only', () => {
    fc.assert(
      fc.property(json, (value) => expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))),
    );
  });

  it('quotes any text as JSON.stringify does', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('\ud800', '\u2028\u007f', '🚀', '\u001f"\\'),
    );
    fc.assert(fc.property(text, (value) => expect(canonicalJson(value)).toBe(JSON.stringify(value))));
    fc.assert(
      fc.property(text, (key) => expect(canonicalJson({ [key]: 1 })).toBe(JSON.stringify({ [key]: 1 }))),
    );
  });

  it('prints JSON that means the same', () => {
    fc.assert(
      fc.property(json, (value) =>
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  it('sorts keys at every level, keeps the order of lists and drops spacing', () => {
    expect(canonicalJson({ b: [2, { d: null, c: true }, 1], a: 'x"y', 10: 0, 9: -0 })).toBe(
      '{"10":0,"9":0,"a":"x\\"y","b":[2,{"c":true,"d":null},1]}',
    );
  });
});

describe('ownProperty', () => {
  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'does not see the inherited %s',
    (key) => {
      expect(ownProperty({}, key)).toBeUndefined();
      expect(ownProperty([], key)).toBeUndefined();
    },
  );

  it('sees what is there, also in lists', () => {
    expect(ownProperty({ constructor: 1 }, 'constructor')).toBe(1);
    expect(ownProperty(['x'], '0')).toBe('x');
    expect(ownProperty('text', 'length')).toBeUndefined();
    expect(ownProperty(null, 'a')).toBeUndefined();
  });
});

describe('readPath', () => {
  it('follows objects and lists, and ends where something is missing', () => {
    const call = { lead: { variables: { tags: ['a', 'b'] }, campaign: null } };
    expect(readPath(call, 'lead.variables.tags.1')).toBe('b');
    expect(readPath(call, 'lead.campaign')).toBeNull();
    expect(readPath(call, 'lead.campaign.name')).toBeUndefined();
    expect(readPath(call, 'lead.constructor.name')).toBeUndefined();
  });
});

describe('isJsonObject', () => {
  it('tells objects from lists, null and scalars', () => {
    expect([{}, [], null, 'a', 1, undefined].map(isJsonObject)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
