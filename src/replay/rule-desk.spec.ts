import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DESK_START, DeskOnStore, ruleWith, TO_SINK } from '../../test/support/desk-on-store.js';
import { type JsonObject } from '../lib/json.js';
import { type RuleDesk } from './rule-desk.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const remind = (more: object = {}) => ({ ...TO_SINK, id: 'remind', after: '2 days', ...more });
const NUDGE = { nudge: ruleWith([remind()]) };
/** Fires on some of the same calls only, says something else, and earlier. */
const SOONER = {
  nudge: ruleWith([remind({ after: '1 day', with: { body: { say: 'new' } } })], {
    match: { duration: { '>': 60 } },
  }),
};

const EMPTY = { timezone: 'UTC', tables: {}, calendars: {}, templates: {} };
const BAD_CONDITION = { id: 'a', to: 'x', with: {}, onlyIf: { when: { nonsense: [] } } };

let on: DeskOnStore;
let desk: RuleDesk;

beforeEach(async () => {
  on = await DeskOnStore.open(NUDGE);
  desk = on.desk.rules;
});
afterEach(() => on.close());

const at = (ms: number) => new Date(DESK_START + ms).toISOString();

async function statesOf(): Promise<unknown[]> {
  const { items } = await on.desk.listDeliveries();
  return items.map(({ state, reason, due_at }) => [state, reason, due_at]).sort();
}

describe('a plan', () => {
  it('says that nothing changes while the rules are those that planned', async () => {
    await on.accept();
    expect(await desk.planChange()).toEqual({
      ...{ rule_set: on.live.current().fingerprint, compared_with: null, rules: [], waiting: 1 },
      follow_ups: [
        {
          ...{ rule: 'nudge', action: 'remind', waiting: 1, unchanged: 1, changed: 0, gone: 0, stays: 0 },
          examples: [],
        },
      ],
    });
  });

  it('says what changed rules mean for each of what waits', async () => {
    const before = on.live.current().fingerprint;
    await on.accept({ id: 1, duration: 90, customer_phone: '+436641111111' });
    await on.accept({ id: 2, duration: 10 });
    await on.swapRules(SOONER);
    const plan = await desk.planChange();
    expect(plan).toMatchObject({
      ...{ rule_set: on.live.current().fingerprint, compared_with: before, waiting: 2 },
      rules: [
        {
          ...{ rule: 'nudge', change: 'changed', what: ['condition'] },
          actions: [{ action: 'remind', change: 'changed', what: ['text', 'time'] }],
        },
      ],
      follow_ups: [{ rule: 'nudge', waiting: 2, unchanged: 0, changed: 1, gone: 1 }],
    });
    expect(plan.follow_ups[0]?.examples).toMatchObject([
      {
        ...{ is: 'gone', why: 'its call would not fire the rule any more', contact: null },
        ...{ due_at: at(2 * DAY_MS), new_due_at: null },
      },
      {
        ...{ is: 'changed', why: 'text, time', contact: '+436641111111' },
        ...{ due_at: at(2 * DAY_MS), new_due_at: at(DAY_MS) },
      },
    ]);
  });

  it('looks at rules that are not in force, and changes nothing', async () => {
    await on.accept({ duration: 90 });
    const { ruleSet, fingerprint } = await on.configOf(SOONER);
    const sent = JSON.parse(JSON.stringify(ruleSet)) as JsonObject;
    expect(await desk.planChange({ rule_set: sent })).toMatchObject({
      ...{ rule_set: fingerprint, compared_with: on.live.current().fingerprint },
      follow_ups: [{ changed: 1 }],
    });
    expect(await statesOf()).toMatchObject([
      ['pending', expect.stringMatching(/^follow_up/), at(2 * DAY_MS)],
    ]);
  });

  it.each([
    [{}],
    [{ timezone: 'UTC', tables: {}, calendars: {}, templates: {}, rules: [{ id: 'x' }] }],
    [{ timezone: 'UTC', tables: [], calendars: {}, templates: {}, rules: [] }],
    [{ ...EMPTY, rules: [{ id: 'x', file: 'a', condition: {}, actions: [{ id: 'a' }] }] }],
    [{ ...EMPTY, rules: [{ id: 'x', file: 'a', condition: {}, actions: [BAD_CONDITION] }] }],
  ])('refuses what is no rule set: %j', async (content) => {
    await expect(desk.planChange({ rule_set: content })).rejects.toMatchObject({
      ...{ status: 'bad_request', message: expect.stringMatching(/^rule_set: is no rule set/) },
    });
  });

  it('leaves alone what a change elsewhere does not touch, without deciding its call again', async () => {
    await on.accept();
    await on.swapRules({ ...NUDGE, other: ruleWith([TO_SINK], { match: { status: 'busy' } }) });
    expect(await desk.planChange()).toMatchObject({
      ...{ rules: [{ rule: 'other', change: 'added' }], follow_ups: [{ unchanged: 1 }] },
    });
  });

  it('sees that a rule before it in the file hides a rule now', async () => {
    await on.accept();
    const first = ruleWith([TO_SINK], { stop: true });
    await on.swapRules({ first, ...NUDGE });
    expect((await desk.planChange()).follow_ups[0]?.examples).toMatchObject([
      { is: 'gone', why: 'its rule would be not evaluated on its call' },
    ]);
  });

  it('lets stay what cannot be decided any more', async () => {
    await on.accept();
    await on.swapRules(SOONER);
    const config = await on.configOf(SOONER);
    on.live.swap({ ...config, sources: new Map() });
    expect((await desk.planChange()).follow_ups[0]?.examples).toMatchObject([
      { is: 'stays', why: expect.stringMatching(/no source autocalls/), new_due_at: null },
    ]);
  });
});

describe('what is chosen', () => {
  async function changed(): Promise<string> {
    for (const [id, duration] of [90, 90, 10].entries()) await on.accept({ id, duration });
    await on.swapRules(SOONER);
    return on.live.current().fingerprint;
  }

  it('keep leaves all of it as planned', async () => {
    const ruleSet = await changed();
    expect(await desk.applyChange({ pending: 'keep' })).toEqual({
      ...{ rule_set: ruleSet, count: 0, migrated: 0, canceled: 0, kept: 3 },
    });
  });

  it('migrate moves what goes on to the new rules, and takes back the rest', async () => {
    const ruleSet = await changed();
    const done = { rule_set: ruleSet, count: 3, migrated: 2, canceled: 1, kept: 0 };
    expect(await desk.applyChange({ pending: 'migrate', dry_run: true })).toEqual(done);
    expect((await desk.planChange()).follow_ups).toMatchObject([{ changed: 2, gone: 1 }]);
    expect(await desk.applyChange({ pending: 'migrate' })).toEqual(done);
    expect(await statesOf()).toEqual([
      ['canceled', 'rules_changed: its call would not fire the rule any more', at(2 * DAY_MS)],
      ['pending', 'rules_changed', at(DAY_MS)],
      ['pending', 'rules_changed', at(DAY_MS)],
    ]);
    expect((await desk.planChange()).follow_ups).toMatchObject([{ waiting: 2, unchanged: 2 }]);
    expect(await desk.applyChange({ pending: 'migrate' })).toMatchObject({ count: 0, kept: 2 });
  });

  it('what would have been due by now is due at once, and its destination woken', async () => {
    const ruleSet = await changed();
    on.clock.time += DAY_MS + HOUR_MS;
    await desk.applyChange({ pending: 'migrate', fingerprint: ruleSet });
    expect(on.woken).toEqual([['sink'], ['sink']]);
    expect(await statesOf()).toContainEqual(['pending', 'rules_changed', at(DAY_MS + HOUR_MS)]);
  });

  it('cancel takes back all that differs', async () => {
    const ruleSet = await changed();
    expect(await desk.applyChange({ pending: 'cancel' })).toMatchObject({ rule_set: ruleSet, canceled: 3 });
    expect(await statesOf()).toContainEqual(['canceled', 'rules_changed: text, time', at(2 * DAY_MS)]);
  });

  it('is refused where the rules in force are not those that are meant', async () => {
    await changed();
    await expect(desk.applyChange({ pending: 'cancel', fingerprint: 'another' })).rejects.toMatchObject({
      ...{
        status: 'conflict',
        message: expect.stringMatching(/^the server runs other rules than these; put them into/),
      },
    });
  });
});
