import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endTrial, later, startTrial } from '../../test/support/dispatcher-clock.js';
import { type DispatcherTrial, ruleSet, settled } from '../../test/support/dispatcher-trial.js';
import { type Delivery, NOT_YET, type PlannedDelivery } from '../domain/delivery.js';
import { type ActionContent } from '../rules/rule.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A Wednesday, half past ten in UTC. */
const START = Date.parse('2025-01-15T10:30:00Z');

let trial: DispatcherTrial;

beforeEach(async () => {
  trial = await startTrial(START);
});
afterEach(() => endTrial(trial));

const AFTER: Partial<ActionContent> = { timing: { after: { in: 'ms', ms: HOUR_MS } } };
const office = {
  office: {
    open: {
      wed: [{ fromMinute: 9 * 60, toMinute: 12 * 60 }],
      thu: [{ fromMinute: 9 * 60, toMinute: 12 * 60 }],
    },
    timezone: 'UTC',
    holidays: [],
  },
};

function use(action: Partial<ActionContent>): void {
  const rules = { ...ruleSet(action), calendars: office };
  trial.live.swap(trial.config([trial.destination('desk')], rules, 'timed'));
}

async function planned(dueAt: number): Promise<string> {
  const [id = ''] = await trial.plan({ dueAt, reason: 'follow_up: 60 min after the call' });
  return id;
}

/** What the delivery is like now. */
const shown = async (id: string): Promise<Pick<Delivery, 'state' | 'reason' | 'dueAt'>> => {
  const { state, reason, dueAt } = await trial.delivery(id);
  return { state, reason, dueAt };
};

describe('a follow-up', () => {
  it('goes out at its time', async () => {
    use(AFTER);
    await trial.dispatcher.start();
    const id = await planned(START + HOUR_MS);
    await later(HOUR_MS - MINUTE_MS);
    expect(trial.sent).toEqual([]);
    await later(2 * MINUTE_MS);
    expect(trial.sent).toHaveLength(1);
    expect(await shown(id)).toMatchObject({ state: 'delivered', reason: null });
  });

  it('found within its tolerance goes at once', async () => {
    use(AFTER);
    await planned(START - 3 * HOUR_MS);
    await trial.dispatcher.start();
    await settled();
    expect(trial.sent).toHaveLength(1);
  });

  it('found late is put off once only, however slow its destination is', async () => {
    const late = { ifLate: 'now' as const, lateAfterMs: MINUTE_MS };
    const rules = ruleSet({ ...AFTER, late });
    const desk = trial.destination('desk', { rate: { count: 1, perMs: MINUTE_MS } });
    trial.live.swap(trial.config([desk], rules, 'slow'));
    for (let i = 0; i < 20; i += 1) await planned(START - HOUR_MS);
    await trial.dispatcher.start();
    await later(26 * MINUTE_MS);
    expect(trial.sent).toHaveLength(20);
  });

  it('found late goes now where its rule says so, though its window is closed by then', async () => {
    use({ ...AFTER, during: ['office'], late: { ifLate: 'now', lateAfterMs: HOUR_MS } });
    const id = await planned(START);
    await later(3 * HOUR_MS);
    await trial.dispatcher.start();
    await later(6 * MINUTE_MS);
    expect(await shown(id)).toMatchObject({ state: 'delivered' });
  });

  it('found long after its time is spread out, and goes once', async () => {
    use({ ...AFTER, late: { ifLate: 'now', lateAfterMs: HOUR_MS } });
    const ids: string[] = [];
    for (let i = 0; i < 20; i += 1) ids.push(await planned(START - 2 * HOUR_MS));
    await trial.dispatcher.start();
    await settled();
    const waiting = await Promise.all(ids.map(shown));
    const dueTimes = new Set(waiting.filter(({ state }) => state === 'pending').map(({ dueAt }) => dueAt));
    expect(dueTimes.size).toBeGreaterThan(10);
    expect(Math.max(...dueTimes)).toBeLessThanOrEqual(START + 5 * MINUTE_MS);
    await later(6 * MINUTE_MS);
    expect(new Set(await trial.states(ids))).toEqual(new Set(['delivered']));
    expect(trial.sent).toHaveLength(20);
  });

  it('found long after its time is dropped where its rule says so', async () => {
    use({ ...AFTER, late: { ifLate: 'drop', lateAfterMs: HOUR_MS } });
    const id = await planned(START - 2 * HOUR_MS);
    await trial.dispatcher.start();
    await settled();
    expect(await shown(id)).toMatchObject({ state: 'skipped', reason: expect.stringMatching(/^late: /) });
    expect(trial.sent).toEqual([]);
  });

  it('found outside its window waits for the next one', async () => {
    use({ ...AFTER, during: ['office'] });
    const id = await planned(START);
    await later(2 * HOUR_MS);
    await trial.dispatcher.start();
    await settled();
    expect(trial.sent).toEqual([]);
    expect(await shown(id)).toMatchObject({ state: 'pending', dueAt: Date.parse('2025-01-16T09:00:00Z') });
  });

  it('brought forward by a person goes at once, whatever its window', async () => {
    use({ ...AFTER, during: ['office'] });
    await trial.dispatcher.start();
    const id = await planned(START + 24 * HOUR_MS);
    await later(3 * HOUR_MS);
    await trial.store.command(id, { do: 'retry' }, Date.now());
    trial.dispatcher.probe(['desk']);
    await settled();
    expect(await shown(id)).toMatchObject({ state: 'delivered' });
  });

  it('that was tried before goes by the schedule of its retries, whatever its window', async () => {
    use({ ...AFTER, during: ['office'], retryWaitsMs: [2 * HOUR_MS] });
    trial.answer = () => ({ outcome: 'retry', reason: 'connection' });
    await trial.dispatcher.start();
    await planned(START);
    await settled();
    trial.answer = () => ({ outcome: 'delivered' });
    await later(2 * HOUR_MS + 30 * MINUTE_MS);
    expect(trial.sent).toHaveLength(2);
  });
});

describe('a follow-up that a later call takes back', () => {
  const booked = { laterCall: { match: { status: 'completed' } } };
  const contact = '+4366412345678';

  it('is not sent, and says which call it was', async () => {
    use({ ...AFTER, cancelWhen: booked });
    await trial.dispatcher.start();
    const [id = ''] = await trial.plan({ dueAt: START + HOUR_MS, contact });
    await trial.plan({ action: 'none', destination: 'gone', contact });
    await later(HOUR_MS + MINUTE_MS);
    expect(trial.sent).toEqual([]);
    expect(await shown(id)).toMatchObject({
      state: 'canceled',
      reason: expect.stringMatching(/^later_call: \S+$/),
    });
  });

  it('goes out after a call that is another one, or of somebody else', async () => {
    use({ ...AFTER, cancelWhen: { laterCall: { match: { status: 'no-answer' } } } });
    await trial.dispatcher.start();
    const [id = ''] = await trial.plan({ dueAt: START + HOUR_MS, contact });
    await trial.plan({ action: 'none', destination: 'gone', contact });
    await trial.plan({ action: 'none', destination: 'gone', contact: '+4366400000000' });
    await later(HOUR_MS + MINUTE_MS);
    expect(await shown(id)).toMatchObject({ state: 'delivered' });
  });

  it('is not sent either when the call comes in between the look and the first byte', async () => {
    use({ ...AFTER, cancelWhen: booked });
    await trial.dispatcher.start();
    const [id = ''] = await trial.plan({ dueAt: START + HOUR_MS, contact });
    const { store } = trial;
    const saveInput = store.saveInput.bind(store);
    let calls = 0;
    store.saveInput = async (...args) => {
      calls += 1;
      if (calls === 1) await trial.plan({ action: 'none', destination: 'gone', contact });
      return saveInput(...args);
    };
    await later(HOUR_MS + MINUTE_MS);
    expect(calls).toBe(1);
    expect(trial.sent).toEqual([]);
    expect(await shown(id)).toMatchObject({ state: 'canceled' });
  });

  it('is not tried again', async () => {
    use({ ...AFTER, cancelWhen: booked, retryWaitsMs: [HOUR_MS] });
    trial.answer = () => ({ outcome: 'retry', reason: 'connection' });
    await trial.dispatcher.start();
    const [id = ''] = await trial.plan({ contact });
    await settled();
    expect(trial.sent).toHaveLength(1);
    await trial.plan({ action: 'none', destination: 'gone', contact });
    await later(2 * HOUR_MS);
    expect(trial.sent).toHaveLength(1);
    expect(await shown(id)).toMatchObject({ state: 'canceled' });
  });
});

describe('a delivery that waits for a slot of its lane', () => {
  const contact = '+4366412345678';
  let answered: () => void;

  /** The first one is being sent, and the second one waits for its slot. */
  async function sendBehindOther(second: Partial<PlannedDelivery> = {}): Promise<string> {
    trial.live.swap(
      trial.config(
        [trial.destination('desk', { concurrency: 1 })],
        ruleSet({ cancelWhen: { laterCall: { match: { status: 'completed' } } } }),
        'slots',
      ),
    );
    trial.answer = () =>
      new Promise((resolve) => (answered = () => resolve({ outcome: 'delivered' } as const)));
    await trial.dispatcher.start();
    await trial.plan({});
    await settled();
    const [id = ''] = await trial.plan({ contact, ...second });
    await settled();
    expect((await trial.delivery(id)).state).toBe('sending');
    return id;
  }

  async function freeSlot(): Promise<void> {
    answered();
    await settled();
  }

  it('does not reach a contact that was stopped meanwhile', async () => {
    const id = await sendBehindOther({ channel: 'sms' });
    const stop = { do: 'stop', scope: '', contact, reason: 'by_person' } as const;
    await trial.store.changeStop(stop, Date.now());
    await freeSlot();
    expect(await shown(id)).toMatchObject({ state: 'skipped', reason: 'stopped' });
    expect(trial.sent).toHaveLength(1);
  });

  it('is taken back by a call that came in meanwhile', async () => {
    const id = await sendBehindOther();
    await trial.plan({ action: 'none', destination: 'gone', contact });
    await freeSlot();
    expect(await shown(id)).toMatchObject({ state: 'canceled' });
    expect(trial.sent).toHaveLength(1);
  });

  it('goes when nothing came in between', async () => {
    const id = await sendBehindOther({ channel: 'sms' });
    await freeSlot();
    answered();
    await settled();
    expect(await shown(id)).toMatchObject({ state: 'delivered' });
  });
});

describe('a delivery that needs another', () => {
  const first = { id: 'a', with: {} };
  const second: Partial<ActionContent> = {
    id: 'b',
    needs: ['a'],
    with: { text: 'record {{ actions.a.id }}' },
  };

  beforeEach(() => {
    const rules = ruleSet(first);
    const [rule] = rules.rules;
    const [action] = rule?.actions ?? [];
    if (rule && action) rule.actions.push({ ...action, ...second });
    trial.live.swap(trial.config([trial.destination('desk'), trial.destination('other')], rules, 'needs'));
  });

  const plan = () => trial.plan({ action: 'a' }, { action: 'b', destination: 'other', needs: ['a'] });

  it('goes to its own destination as soon as the other is delivered, with its receipt', async () => {
    trial.answer = () => ({ outcome: 'delivered', receipt: { id: '101' } });
    await trial.dispatcher.start();
    const ids = await plan();
    await settled();
    expect(await trial.states(ids)).toEqual(['delivered', 'delivered']);
    expect(trial.sent.map(({ input }) => input)).toEqual([{}, { text: 'record 101' }]);
  });

  it('is skipped when the other dies, and goes back to waiting when a person brings it forward before', async () => {
    trial.answer = () => ({ outcome: 'retry', reason: 'connection' });
    await trial.dispatcher.start();
    const [a = '', b = ''] = await plan();
    await settled();
    await trial.store.command(b, { do: 'retry' }, Date.now());
    trial.dispatcher.probe(['other']);
    await settled();
    expect(await shown(b)).toEqual({ state: 'pending', reason: 'waits_for: a', dueAt: NOT_YET });
    await trial.store.command(a, { do: 'cancel' }, Date.now());
    expect(await shown(b)).toMatchObject({ state: 'skipped', reason: 'needed: a is canceled' });
  });
});

describe('what an adapter is given', () => {
  it('is what it left before, and whether an earlier attempt may have arrived', async () => {
    const outcomes = [
      { outcome: 'unknown' as const, reason: 'timeout' as const, links: [{ key: 'made', value: 7 }] },
      { outcome: 'delivered' as const },
    ];
    const seen: unknown[] = [];
    trial.answer = async (request) => {
      seen.push([request.mayHaveArrived, await request.links.find('made'), request.call.action]);
      return outcomes.shift() ?? { outcome: 'delivered' };
    };
    await trial.dispatcher.start();
    await trial.plan({});
    await later(MINUTE_MS);
    expect(seen).toEqual([
      [false, null, 'r.a'],
      [true, 7, 'r.a'],
    ]);
  });

  it('is that a person released it, where what is unknown is held', async () => {
    use({ ifUnknown: 'hold' });
    const seen: boolean[] = [];
    trial.answer = ({ isReleased }) => {
      seen.push(isReleased);
      return isReleased ? { outcome: 'delivered' } : { outcome: 'unknown', reason: 'timeout' };
    };
    await trial.dispatcher.start();
    const [id = ''] = await trial.plan({});
    await settled();
    expect(await shown(id)).toMatchObject({ state: 'held' });
    await trial.store.command(id, { do: 'release', changes: {} }, Date.now());
    trial.dispatcher.probe(['desk']);
    await settled();
    expect(seen).toEqual([false, true]);
    expect(await shown(id)).toMatchObject({ state: 'delivered' });
  });
});
