import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DESK_START, DeskOnStore, ruleWith, TO_SINK } from '../../test/support/desk-on-store.js';
import { type SourceConfig } from '../config/config.js';
import { type JsonObject } from '../lib/json.js';
import { type Reading } from '../sources/source.js';
import { DeskError } from './desk-error.js';
import { type Desk } from './desk.js';

const LATER_MS = 3_600_000;

let on: DeskOnStore;
let desk: Desk;

const accept = (call?: Record<string, unknown> | string) => on.accept(call);
const die = () => on.sendAll('dead', { outcome: 'rejected', reason: 'client_error', httpStatus: 404 });
const arrive = () => on.sendAll('delivered', { outcome: 'delivered', httpStatus: 200 });

function refused(status: DeskError['status'], words: RegExp): object {
  return expect.objectContaining({
    name: 'DeskError',
    status,
    message: expect.stringMatching(words) as unknown,
  });
}

beforeEach(async () => {
  on = await DeskOnStore.open();
  desk = on.desk;
});

afterEach(() => on.close());

describe('looking', () => {
  it('lists events page by page, each once, while others come in', async () => {
    const ids = [];
    for (let i = 0; i < 5; i += 1) ids.push(await accept({ id: i }));
    const first = await desk.listEvents({ limit: 2 });
    await accept({ id: 'later' });
    const second = await desk.listEvents({ limit: 2, cursor: first.next ?? '' });
    const third = await desk.listEvents({ limit: 2, cursor: second.next ?? '' });
    const seen = [first, second, third].flatMap(({ items }) => items.map(({ id }) => id));
    expect(seen).toEqual(ids.toReversed());
    expect(third.next).toBeNull();
  });

  it('shows an event with its call, decisions and deliveries', async () => {
    const id = await accept({ id: '9007199254740993', customer_phone: '+436601234567' });
    const event = await desk.showEvent(id);
    expect(event).toMatchObject({
      ...{ id, source: 'autocalls', call_id: '9007199254740993', revision: 1, status: 'accepted' },
      ...{ received_at: '2026-11-24T09:00:00.000Z', contact: '+436601234567', labels: { client: 'acme' } },
      ...{ problems: [], decisions: [{ rule: 'all', verdict: 'fired', shadow: false, because: [] }] },
      call: { status: 'completed', event_id: id, contact: { country: 'AT' } },
    });
    expect(event.deliveries).toMatchObject([{ event_id: id, rule: 'all', action: 'send', state: 'pending' }]);
  });

  it('shows an event without a call once its bytes are gone', async () => {
    const id = await accept();
    await arrive();
    on.clock.time += LATER_MS;
    await on.store.prune({
      eventsBefore: null,
      reachesBefore: null,
      bodiesBefore: on.clock.now(),
      now: on.clock.now(),
      limit: 10,
      after: null,
    });
    expect(await desk.showEvent(id)).toMatchObject({ id, call: null });
    await expect(desk.explain(id)).rejects.toEqual(refused('conflict', /gone/));
    await expect(desk.replay(id)).rejects.toEqual(refused('conflict', /the bytes of this event are gone/));
  });

  it('shows a delivery flat, with its input and attempts', async () => {
    await accept();
    await die();
    const { id } = await on.lastDelivery();
    expect(await desk.showDelivery(id)).toMatchObject({
      ...{ id, destination: 'sink', kind: 'http', operation: 'send', state: 'dead', reason: 'client_error' },
      ...{ attempt_count: 1, idempotency_key: `aftercall-${id}`, input: { body: 1 }, contact: null },
      created_at: '2026-11-24T09:00:00.000Z',
      attempts: [
        {
          number: 1,
          duration_ms: 5,
          outcome: 'rejected',
          reason: 'client_error',
          http_status: 404,
          message: null,
          receipt: null,
        },
      ],
    });
  });

  it('says why a pending delivery waits: its own reason, else that of its lane', async () => {
    await on.swapRules({ all: ruleWith([TO_SINK, { ...TO_SINK, id: 'off', to: 'off' }]) });
    await accept();
    on.closedLanes.sink = 'destination_open';
    const { items } = await desk.listDeliveries();
    expect(items.map(({ destination, reason }) => [destination, reason]).sort()).toEqual([
      ['off', 'destination_disabled'],
      ['sink', 'destination_open'],
    ]);
    await desk.cancel((await desk.listDeliveries({ destination: 'sink' })).items[0]?.id ?? '');
    expect((await desk.listDeliveries({ destination: 'sink' })).items).toMatchObject([
      { state: 'canceled', reason: 'by_person' },
    ]);
  });

  it('explains by the rules that decided, whatever they are now', async () => {
    const id = await accept({ duration: 5 });
    await on.swapRules({ other: ruleWith([TO_SINK], { match: { status: 'busy' } }) });
    const { event, rules } = await desk.explain(id);
    expect(event.id).toBe(id);
    expect(rules).toMatchObject([{ rule: 'all', verdict: 'fired', condition: { result: 'true' } }]);
    await expect(desk.explain(id, 'other')).rejects.toEqual(refused('not_found', /no such rule/));
  });

  it.each([
    ['limit', { limit: 0 }],
    ['limit', { limit: 1001 }],
    ['limit', { limit: 1.5 }],
    ['cursor', { cursor: 'garbage!' }],
    ['cursor', { cursor: Buffer.from('gone').toString('base64url') }],
    ['since', { since: 'yesterday' }],
    ['since', { since: '2026-11-24T09:00:00' }],
    ['until', { until: '2026-13-24T09:00:00Z' }],
  ])('refuses a %s that makes no sense', async (field, query) => {
    await expect(desk.listEvents(query)).rejects.toEqual(refused('bad_request', new RegExp(`^${field}:`)));
    await expect(desk.listDeliveries(query)).rejects.toEqual(
      refused('bad_request', new RegExp(`^${field}:`)),
    );
  });

  it('says that there is no such event or delivery', async () => {
    await expect(desk.showEvent('e')).rejects.toEqual(refused('not_found', /no event "e"/));
    await expect(desk.explain('e')).rejects.toEqual(refused('not_found', /no event/));
    await expect(desk.replay('e')).rejects.toEqual(refused('not_found', /no event/));
    await expect(desk.showDelivery('d')).rejects.toEqual(refused('not_found', /no delivery "d"/));
    for (const command of ['retry', 'release', 'cancel'] as const)
      await expect(desk[command]('d')).rejects.toEqual(refused('not_found', /no delivery/));
  });
});

describe('one delivery', () => {
  it('is tried again once it is dead, and its destination probed', async () => {
    await accept();
    await die();
    const { id } = await on.lastDelivery();
    expect(await desk.retry(id)).toMatchObject({ id, state: 'pending', reason: null });
    expect(on.woken).toEqual([['sink']]);
    await arrive();
    await expect(desk.retry(id)).rejects.toEqual(
      refused('conflict', /this delivery is delivered; retry is for dead or pending deliveries/),
    );
  });

  it('is released with what was changed, but only by names that its operation knows', async () => {
    await on.swapRules({
      all: ruleWith([{ ...TO_SINK, with: { body: { x: 1 }, path: '/{{ lead.name }}' } }]),
    });
    await accept();
    await on.sendAll('held', { outcome: 'unknown', reason: 'timeout' });
    const { id } = await on.lastDelivery();
    await expect(desk.release(id, { with: { boddy: 1 } })).rejects.toEqual(
      refused('bad_request', /^with\.boddy: .* did you mean body\?/),
    );
    expect(await desk.release(id, { with: { path: '/x' }, if_missing: 'omit' })).toMatchObject({
      state: 'pending',
    });
    const stored = await on.store.findDelivery(id);
    expect(JSON.parse(stored?.release ?? 'null')).toEqual({ ifMissing: 'omit', with: { path: '/x' } });
  });

  it('is canceled without waking anybody', async () => {
    await accept();
    const { id } = await on.lastDelivery();
    expect(await desk.cancel(id)).toMatchObject({ state: 'canceled' });
    expect(on.woken).toEqual([]);
    await expect(desk.cancel(id)).rejects.toEqual(refused('conflict', /is canceled/));
  });
});

describe('many deliveries', () => {
  it('are retried in batches, all of them, each once', async () => {
    for (let i = 0; i < 1_203; i += 1) await accept({ id: i });
    for (let i = 0; i < 2; i += 1) await die();
    expect(await desk.retryMany({}, { dry_run: true })).toEqual({ count: 1_203 });
    expect(on.woken).toEqual([]);
    expect(await desk.retryMany({})).toEqual({ count: 1_203 });
    expect(on.woken).toEqual([['sink'], ['sink'], ['sink']]);
    expect(await desk.retryMany({})).toEqual({ count: 0 });
    expect(await on.store.countDeliveries()).toEqual({ pending: 1_203 });
  });

  it('are chosen by the filter', async () => {
    await accept({ id: 1 });
    on.clock.time += LATER_MS;
    await accept({ id: 2 });
    on.clock.time += 1;
    const since = new Date(DESK_START + 1).toISOString();
    expect(await desk.cancelMany({ since })).toEqual({ count: 1 });
    expect(await desk.cancelMany({ state: 'pending', destination: 'off' })).toEqual({ count: 0 });
    expect(await desk.cancelMany({ destination: 'sink' })).toEqual({ count: 1 });
  });

  it('are released with the same changes', async () => {
    await accept({ id: 1 });
    await accept({ id: 2 });
    await on.sendAll('held', { outcome: 'unknown', reason: 'timeout' });
    expect(await desk.releaseMany({}, { if_missing: 'empty' })).toEqual({ count: 2 });
    const { id } = await on.lastDelivery();
    expect((await on.store.findDelivery(id))?.release).toBe('{"ifMissing":"empty"}');
  });

  it.each([
    ['retryMany', 'delivered', /retry is for dead or pending/],
    ['releaseMany', 'dead', /release is for held/],
    ['cancelMany', 'delivered', /cancel is for pending or held or dead/],
  ] as const)('%s refuses the state %s', async (command, state, words) => {
    await expect(desk[command]({ state })).rejects.toEqual(refused('bad_request', words));
    await expect(desk[command]({ state: ['held', state] })).rejects.toBeInstanceOf(DeskError);
  });
});

describe('replay', () => {
  it('retries what died under its own key as long as its action is the same', async () => {
    const id = await accept();
    await die();
    const { id: dead } = await on.lastDelivery();
    await on.swapRules({
      all: ruleWith(),
      another: ruleWith([{ ...TO_SINK, id: 'x' }], { match: { status: 'busy' } }),
    });
    for (const rules of ['then', 'now'] as const) {
      expect(await desk.replay(id, { rules })).toEqual({
        ...{ event_id: id, fired: ['all'], planned: [], retried: [dead], canceled: [], left: [] },
      });
      await die();
    }
    expect(on.woken).toEqual([['sink'], ['sink']]);
  });

  it('takes back what died and plans it anew once its action is another', async () => {
    const id = await accept();
    await die();
    const { id: dead } = await on.lastDelivery();
    await on.swapRules({ all: ruleWith([{ ...TO_SINK, with: { body: { id: 'other' } } }]) });
    on.clock.time += LATER_MS;
    const replayed = await desk.replay(id, { rules: 'now' });
    expect(replayed).toMatchObject({ canceled: [dead], retried: [], planned: [expect.any(String)] });
    expect(await desk.showDelivery(dead)).toMatchObject({ state: 'canceled', reason: 'replayed' });
    expect(await desk.showDelivery(replayed.planned[0] ?? '')).toMatchObject({
      ...{ state: 'pending', due_at: new Date(on.clock.now()).toISOString() },
    });
  });

  it('decides by the rules of then unless told otherwise', async () => {
    const id = await accept();
    await arrive();
    await on.swapRules({ newer: ruleWith() });
    expect(await desk.replay(id)).toMatchObject({ fired: ['all'], planned: [] });
    expect(await desk.replay(id, { rules: 'now' })).toMatchObject({
      fired: ['newer'],
      planned: [expect.any(String)],
    });
    expect((await desk.showEvent(id)).decisions).toMatchObject([{ rule: 'newer' }]);
  });

  it('sends everything once more with all, nothing with none', async () => {
    const id = await accept();
    await arrive();
    expect(await desk.replay(id, { send: 'none' })).toMatchObject({ fired: ['all'], planned: [], left: [] });
    const { planned } = await desk.replay(id, { send: 'all' });
    expect(planned).toHaveLength(1);
    expect(await desk.replay(id, { send: 'all' })).toMatchObject({ planned: [], left: planned });
  });

  it('holds what reaches a contact until a person releases it', async () => {
    await on.swapRules({ all: ruleWith([{ id: 'ring', to: 'dialer', with: { say: 'hello' } }]) });
    const id = await accept({ customer_phone: '+436601234567' });
    await arrive();
    const { planned } = await desk.replay(id, { send: 'all' });
    expect(await desk.showDelivery(planned[0] ?? '')).toMatchObject({ state: 'held', reason: 'replayed' });
    expect(await desk.release(planned[0] ?? '')).toMatchObject({ state: 'pending' });
  });

  it('holds nothing that is for colleagues, and does what needs no destination', async () => {
    const ring = { id: 'ring', to: 'dialer', do: 'dial', with: { to: '+436641111111' }, audience: 'staff' };
    await on.swapRules({ all: ruleWith([ring, { id: 'stop', do: 'contact.stop' }]) });
    const id = await accept({ customer_phone: '+436601234567' });
    await arrive();
    const { planned } = await desk.replay(id, { send: 'all' });
    const states = await Promise.all(planned.map(async (one) => (await desk.showDelivery(one)).state));
    expect(states.sort()).toEqual(['delivered', 'pending']);
  });

  it('counts max_age to the time of the replay', async () => {
    await on.swapRules({ all: ruleWith([TO_SINK], { max_age: '1h' }) });
    const id = await accept({ created_at: '2026-11-24T08:30:00Z' });
    await arrive();
    on.clock.time += LATER_MS;
    const { planned } = await desk.replay(id, { send: 'all' });
    expect(await desk.showDelivery(planned[0] ?? '')).toMatchObject({ state: 'skipped', reason: 'too_old' });
  });

  it('reads what was quarantined again, and says why it still cannot be read', async () => {
    const id = await accept('hello');
    await expect(desk.replay(id)).rejects.toMatchObject({
      ...{
        status: 'unreadable',
        problems: [{ path: 'body', problem: expect.stringMatching(/not valid JSON/) }],
      },
    });
    await expect(desk.explain(id)).rejects.toMatchObject({ status: 'unreadable' });
    expect((await desk.showEvent(id)).call).toBeNull();
  });

  describe('of a quarantined event that a newer version can read', () => {
    /** From now on the source reads anything as this call. */
    async function learnToRead(callId: string, further: JsonObject = {}): Promise<void> {
      const config = await on.configOf({ all: ruleWith() });
      const known = config.sources.get('autocalls') as SourceConfig;
      const read = (): Reading => {
        const call = { id: callId, status: 'completed', customer_phone: '+436601234567', ...further };
        return { as: 'call', eventKind: 'call', callId, call, content: call };
      };
      const source = { ...known, source: { ...known.source, read } };
      on.live.swap({ ...config, sources: new Map([['autocalls', source]]) });
    }

    it('makes an ordinary one of it', async () => {
      const id = await accept('hello');
      await learnToRead('77');
      expect(await desk.replay(id)).toMatchObject({ fired: ['all'], planned: [expect.any(String)] });
      expect(await desk.showEvent(id)).toMatchObject({
        ...{ status: 'accepted', call_id: '77', contact: '+436601234567', problems: [] },
        deliveries: [{ state: 'pending', rule: 'all' }],
      });
      expect(on.woken).toEqual([['sink']]);
    });

    it('knows what became of the call, and which of our deliveries led to it', async () => {
      const root = await accept();
      const cause = (await desk.showEvent(root)).deliveries[0]?.id ?? '';
      await arrive();
      const id = await accept('hello');
      const ours = { status: 'no-answer', input_variables: { aftercall_delivery: `aftercall-${cause}` } };
      await learnToRead('77', ours);
      // A rule does not look at calls that it caused.
      expect(await desk.replay(id)).toMatchObject({ fired: [], planned: [] });
      expect((await on.store.findEvent(id))?.event).toMatchObject({ cause, root });
      const asked = { scope: '', contact: '+436601234567', now: on.clock.now(), windowsMs: [], except: null };
      expect(await on.store.contactFacts(asked)).toMatchObject({ missed: 1, lastStatus: 'no-answer' });
    });

    it('changes nothing when it is a copy of another', async () => {
      const [first, second] = [await accept('hello'), await accept('hello!')];
      await learnToRead('77');
      await desk.replay(first);
      await expect(desk.replay(second)).rejects.toEqual(
        refused('conflict', new RegExp(`copy of event ${first}`)),
      );
      expect(await desk.showEvent(second)).toMatchObject({ status: 'quarantined', deliveries: [] });
    });
  });

  it('keeps a test a test', async () => {
    const id = await accept(JSON.stringify({ status: 'completed', extracted_variables: {} }));
    const { planned } = await desk.replay(id);
    for (const one of planned) expect((await desk.showDelivery(one)).state).toBe('shadow');
    expect(await desk.showEvent(id)).toMatchObject({ status: 'test', deliveries: [{}, { state: 'shadow' }] });
  });

  it('says so when the source is not configured any more', async () => {
    const id = await accept();
    const config = await on.configOf({ all: ruleWith() });
    on.live.swap({ ...config, sources: new Map() });
    await expect(desk.replay(id)).rejects.toEqual(refused('conflict', /no source autocalls/));
  });

  it('of many goes on past those that cannot be read', async () => {
    const ids = [await accept({ id: 1 }), await accept('hello'), await accept({ id: 2 })];
    await die();
    expect(await desk.replayMany({ source: 'autocalls' }, { dry_run: true })).toMatchObject({ count: 3 });
    expect(await desk.replayMany({}, { rules: 'now' })).toEqual({
      ...{ count: 2, refused: 1 },
      refusals: [{ event_id: ids[1], message: 'this event cannot be read as a call' }],
    });
    expect(await on.store.countDeliveries()).toEqual({ pending: 2 });
    expect(await desk.replayMany({ state: 'dead' })).toMatchObject({ count: 0 });
  });
});
