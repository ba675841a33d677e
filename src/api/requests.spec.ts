import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { type ArgumentMetadata, type Type } from '@nestjs/common';
import fc from 'fast-check';
import { ListFollowUps, ListTimeline, Scope, SnoozeFollowUps } from './follow-up-requests.js';
import { createRequestPipe } from './request.pipe.js';
import { ListDeliveries, ListEvents, Nothing, ReleaseDelivery, ReplayEvents } from './requests.js';
import { ApplyRules, PlanRules } from './rule-requests.js';

const pipe = createRequestPipe();

function read<T>(metatype: Type<T>, value: unknown, type: ArgumentMetadata['type'] = 'body'): Promise<T> {
  return pipe.transform(value, { type, metatype }) as Promise<T>;
}

function refused(message: string | RegExp): object {
  const text = typeof message === 'string' ? message : (expect.stringMatching(message) as unknown);
  return expect.objectContaining({ name: 'DeskError', status: 'bad_request', message: text });
}

describe('queries', () => {
  it('hold numbers, words and lists', async () => {
    const query = { limit: '5', state: 'dead,held', rule: 'r' };
    expect(await read(ListDeliveries, query, 'query')).toEqual({
      limit: 5,
      state: ['dead', 'held'],
      rule: 'r',
    });
    expect(await read(ListDeliveries, { state: ['dead', 'held'] }, 'query')).toEqual({
      state: ['dead', 'held'],
    });
    expect(await read(ListEvents, Object.assign(Object.create(null), { state: 'dead' }), 'query')).toEqual({
      state: 'dead',
    });
  });

  it('may hold a plus that arrives as a space', async () => {
    const query = { contact: ' 1987654321', since: '2025-01-15T11:35:00 01:00' };
    expect(await read(ListEvents, query, 'query')).toEqual({
      ...{ contact: '+1987654321', since: '2025-01-15T11:35:00+01:00' },
    });
  });
});

describe('what is wrong', () => {
  it.each<[Type, object, RegExp | string]>([
    [ListEvents, { staet: 'dead' }, 'staet: there is no such field here'],
    [ListEvents, { state: 'broken' }, /^state: expected pending, sending/],
    [ListEvents, { state: ['dead', 'held'] }, /^state: expected/],
    [ListDeliveries, { state: 'dead,broken' }, /^state: expected pending/],
    [ListDeliveries, { state: [] }, /^state: expected/],
    [ListDeliveries, { limit: 'x' }, 'limit: expected a whole number from 1 to 1000'],
    [ListDeliveries, { limit: '' }, /^limit/],
    [ListEvents, { rule: 5 }, /^rule: must be a string/],
    [ListEvents, { rule: null }, /^rule: must be a string/],
    [ListEvents, { contact: { $ne: 1 } }, /^contact: must be a string/],
    [ReleaseDelivery, { if_missing: 'hold' }, 'if_missing: expected mark, omit, empty'],
    [ReleaseDelivery, { with: ['x'] }, 'with: expected an object'],
    [ReleaseDelivery, { with: null }, 'with: expected an object'],
    [ReplayEvents, { send: 'some', rules: 'x' }, /rules: expected then, now; send: expected undelivered/],
    [ReplayEvents, { dry_run: 'true' }, 'dry_run: expected true or false'],
    [ReplayEvents, { cursor: 'x' }, 'cursor: there is no such field here'],
    [ListFollowUps, { state: 'dead' }, 'state: there is no such field here'],
    [ListFollowUps, { since: '2025-01-15T11:35:00Z' }, 'since: there is no such field here'],
    [SnoozeFollowUps, { by: 2 }, /^by: must be a string/],
    [ListTimeline, { limit: 0 }, /^limit: expected/],
    [Scope, { scope: ['a'] }, /^scope: must be a string/],
    [ApplyRules, {}, 'pending: expected keep, migrate, cancel'],
    [ApplyRules, { pending: 'both' }, 'pending: expected keep, migrate, cancel'],
    [PlanRules, { rule_set: [] }, 'rule_set: expected an object'],
    [Nothing, { state: 'dead' }, 'state: there is no such field here'],
    [Nothing, { nothing: 1 }, /^nothing: /],
  ])('in a %p is refused by name: %j', async (type, value, message) => {
    await expect(read(type, value)).rejects.toEqual(refused(message));
  });

  it('is never repeated: it may be a phone number', async () => {
    await expect(read(ListEvents, { state: '+1987654321' })).rejects.not.toThrow('1987654321');
  });

  it('of any kind is refused and never thrown otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (value) => {
        await read(ReplayEvents, value).catch((error: unknown) => expect(error).toEqual(refused(/.*/s)));
      }),
    );
  });
});

describe('follow-ups and rules', () => {
  it('are filtered, put off and settled by their own fields', async () => {
    const query = { contact: ' 1987654321', rule: 'r', scope: 'acme', limit: '5' };
    expect(await read(ListFollowUps, query, 'query')).toEqual({ ...query, contact: '+1987654321', limit: 5 });
    const snooze = { until: 'tomorrow 10:00', contact: '+1987654321', dry_run: true };
    expect(await read(SnoozeFollowUps, snooze)).toEqual(snooze);
    expect(await read(ApplyRules, { pending: 'migrate' })).toEqual({ pending: 'migrate' });
    const ruleSet = { rules: [{ id: 'constructor', then: { __x: [1] } }], timezone: 'UTC' };
    expect(await read(PlanRules, { rule_set: ruleSet })).toEqual({ rule_set: ruleSet });
  });
});

describe('the input of a release', () => {
  it('stays as it is', async () => {
    const input = {
      body: { constructor: 1, list: [1, { a: null }], id: '12345678901234567890' },
      toString: 'x',
    };
    expect((await read(ReleaseDelivery, { with: input })).with).toEqual(input);
  });

  it('is not needed', async () => {
    expect(await read(ReleaseDelivery, {})).toEqual({});
    expect(await read(Nothing, {})).toEqual({});
  });
});
