import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Json } from '../lib/json.js';
import { idempotencyKeyOf } from './delivery.js';
import { causeOf, looksAt, mayCauseCall, OWN_CALL_VARIABLE } from './loop-guard.js';

const ID = '0197a5c2-7d1e-7c3a-9a55-0123456789ab';
const KEY = idempotencyKeyOf(ID);

describe('causeOf', () => {
  it.each<[Json]>([
    [{ input_variables: { [OWN_CALL_VARIABLE]: KEY } }],
    [{ input_variables: {}, lead: { variables: { [OWN_CALL_VARIABLE]: ` ${KEY} ` } } }],
    [{ input_variables: { [OWN_CALL_VARIABLE]: '' }, lead: { variables: { [OWN_CALL_VARIABLE]: KEY } } }],
  ])('finds the delivery in %j', (call) => {
    expect(causeOf(call)).toBe(ID);
  });

  it.each<[Json]>([
    [null],
    [{}],
    [{ input_variables: [], lead: null }],
    [{ input_variables: { [OWN_CALL_VARIABLE]: 7 } }],
    [{ input_variables: { [OWN_CALL_VARIABLE]: { id: KEY } } }],
    [{ extracted_variables: { [OWN_CALL_VARIABLE]: KEY } }],
    [{ input_variables: { [OWN_CALL_VARIABLE]: ID } }],
    [{ input_variables: { [OWN_CALL_VARIABLE]: `aftercall-${'x'.repeat(201)}` } }],
    [{ input_variables: { [OWN_CALL_VARIABLE]: "aftercall-'; drop table" } }],
  ])('finds nothing in %j', (call) => {
    expect(causeOf(call)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.jsonValue(), (call) => causeOf(call as Json) === null));
  });
});

it('looks at calls that the rule did not cause, unless told to count its own', () => {
  expect(looksAt('again', [])).toBe(true);
  expect(looksAt('again', ['nudge'])).toBe(true);
  expect(looksAt('again', ['nudge', 'again'])).toBe(false);
  expect(looksAt('again', ['again'], 'count')).toBe(true);
});

it('lets an original call cause three calls', () => {
  expect([0, 1, 2].map((caused) => mayCauseCall(caused).is)).toEqual(['go', 'go', 'go']);
  expect(mayCauseCall(3)).toEqual({
    is: 'refused',
    reason: 'max_chain: the original call caused 3 calls already',
  });
  expect(mayCauseCall(3, 5).is).toBe('go');
  expect(mayCauseCall(0, 0).is).toBe('refused');
});
