import { describe, expect, it } from '@jest/globals';
import { type Delivery, NOT_YET, ORDINARY, type PlannedDelivery } from '../domain/delivery.js';
import { commandFor, judgePending, type PendingCase } from './judge-pending.js';

const sent = { rule: 'nudge', action: 'remind', destination: 'mail', kind: 'email', operation: 'send' };
const delivery = {
  ...{ ...sent, ...ORDINARY, id: 'd1', state: 'pending', reason: 'follow_up: 2 days after the call' },
  ...{ dueAt: 5_000, attemptCount: 0, ordered: false, input: null, digestHead: null },
} as unknown as Delivery;
const planned = {
  ...{ ...sent, ...ORDINARY, id: 'p1', state: 'pending', reason: 'follow_up: 1 day after the call' },
  ...{ dueAt: 3_000, ordered: false, input: null, needs: [] },
} as unknown as PlannedDelivery;

const usual: PendingCase = {
  ...{ delivery, planned, decision: { verdict: 'fired', shadow: false }, dueAt: 3_000 },
  ...{ has: { rule: true, action: true }, differences: ['text', 'time'] },
};

describe('a follow-up that waits', () => {
  it('is unchanged when its action is the same', () => {
    expect(judgePending({ ...usual, differences: [] })).toEqual({ is: 'unchanged' });
  });

  it('is changed when its action is another one, and due when the rules say so now', () => {
    expect(judgePending(usual)).toEqual({ is: 'changed', dueAt: 3_000, why: 'text, time' });
  });

  it.each<[string, Partial<Delivery>, string[]]>([
    ['only its text is another', {}, ['text', 'only_if']],
    ['a person put it off', { reason: 'snoozed' }, ['time']],
    ['it waits between two attempts', { attemptCount: 1 }, ['time']],
    ['it is a further try', { tryNumber: 2 }, ['window']],
  ])('keeps its time where %s', (_case, more, differences) => {
    const changed = judgePending({ ...usual, delivery: { ...delivery, ...more }, differences });
    expect(changed).toMatchObject({ is: 'changed', dueAt: 5_000 });
  });

  it('goes on waiting for another action where it does not wait for a time', () => {
    const waits = { ...delivery, dueAt: NOT_YET };
    expect(judgePending({ ...usual, delivery: waits })).toMatchObject({ is: 'changed', dueAt: NOT_YET });
  });

  it.each<[Partial<PendingCase>, string]>([
    [{ has: { rule: false, action: false } }, 'its rule is gone'],
    [{ has: { rule: true, action: false } }, 'its action is gone'],
    [{ decision: undefined }, 'its call would not fire the rule any more'],
    [{ decision: { verdict: 'not_matched', shadow: false } }, 'its call would not fire the rule any more'],
    [{ decision: { verdict: 'undecided', shadow: false } }, 'its rule would be undecided on its call'],
    [
      { decision: { verdict: 'not_evaluated', shadow: false } },
      'its rule would be not evaluated on its call',
    ],
  ])('is gone when nothing is planned for it: %j', (more, why) => {
    expect(judgePending({ ...usual, planned: undefined, ...more })).toEqual({ is: 'gone', why });
  });

  it.each<[PlannedDelivery['state'], string | null, string]>([
    ['shadow', null, 'its rule only renders now (shadow)'],
    ['skipped', 'too_old', 'it would be skipped (too_old)'],
    ['delivered', null, 'it would be delivered'],
  ])('is gone when it would be %s', (state, reason, why) => {
    expect(judgePending({ ...usual, planned: { ...planned, state, reason } })).toEqual({ is: 'gone', why });
  });

  it.each<[string, Partial<PlannedDelivery>, Partial<Delivery>, string[], RegExp]>([
    ['would be held', { state: 'held', reason: 'past_time: "x"' }, {}, ['time'], /would hold it \(past_time/],
    ['goes elsewhere', { destination: 'crm' }, {}, ['destination'], /^another destination: cancel it and/],
    ['is for colleagues now', { channel: 'call' }, {}, ['audience'], /^another channel/],
    ['is rendered', {}, { input: '{}' }, ['text'], /its text is made already/],
    ['is told with another one', {}, { digestHead: 'd0' }, ['text'], /one message with another/],
    ['needs another action', {}, {}, ['needs'], /^other needs/],
  ])('stays by its old rules where it %s', (_case, plan, more, differences, why) => {
    const pending = { ...usual, planned: { ...planned, ...plan }, delivery: { ...delivery, ...more } };
    expect(judgePending({ ...pending, differences })).toEqual({
      ...{ is: 'stays', why: expect.stringMatching(why) },
    });
  });
});

describe('what a person chooses', () => {
  const changed = { is: 'changed', dueAt: 7, why: 'text' } as const;
  const gone = { is: 'gone', why: 'its rule is gone' } as const;
  const stays = { is: 'stays', why: 'its event is gone' } as const;
  const cancel = (why: string) => ({ do: 'cancel', reason: `rules_changed: ${why}` });

  it('keep does nothing', () => {
    for (const verdict of [changed, gone, stays]) expect(commandFor(verdict, 'keep', 'f')).toBeNull();
  });

  it('migrate goes on with what can, and takes back what is gone', () => {
    expect(commandFor(changed, 'migrate', 'f')).toEqual({ do: 'migrate', ruleSet: 'f', dueAt: 7 });
    expect(commandFor(gone, 'migrate', 'f')).toEqual(cancel('its rule is gone'));
    expect(commandFor(stays, 'migrate', 'f')).toBeNull();
  });

  it('cancel takes back all that differs', () => {
    expect(commandFor(changed, 'cancel', 'f')).toEqual(cancel('text'));
    expect(commandFor(stays, 'cancel', 'f')).toEqual(cancel('its event is gone'));
    expect(commandFor({ is: 'unchanged' }, 'cancel', 'f')).toBeNull();
  });
});
