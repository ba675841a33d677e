import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DESK_START, DeskOnStore, ruleWith, TO_SINK } from '../../test/support/desk-on-store.js';
import { type FollowUpDesk } from './follow-up-desk.js';

const HOUR_MS = 3_600_000;
const LATER = { ...TO_SINK, after: '2 days', on_repeat: 'parallel' };
const ANN = '+436641111111';
const BOB = '+436642222222';

let on: DeskOnStore;
let desk: FollowUpDesk;

beforeEach(async () => {
  on = await DeskOnStore.open({ all: ruleWith([LATER]), others: ruleWith([TO_SINK]) });
  desk = on.desk.followUps;
});
afterEach(() => on.close());

function refused(status: string, words: RegExp): object {
  return expect.objectContaining({ status, message: expect.stringMatching(words) as unknown });
}

/** The follow-up of a call of its own. */
async function followUp(contact = ANN): Promise<string> {
  const event = await on.accept({ id: `call-${++on.clock.time}`, customer_phone: contact });
  const [item] = (await desk.list({ event_id: event })).items;
  return item?.id ?? '';
}

const dueAt = async (id: string) => (await on.desk.showDelivery(id)).due_at;
const at = (ms: number) => new Date(DESK_START + ms).toISOString();

describe('the list', () => {
  it('holds what is due later and nothing else, with whom it is for and why it waits', async () => {
    const id = await followUp();
    expect(await desk.list()).toEqual({
      items: [
        expect.objectContaining({
          ...{
            id,
            rule: 'all',
            action: 'send',
            destination: 'sink',
            state: 'pending',
            due_at: at(48 * HOUR_MS + 1),
          },
          ...{ contact: ANN, scope: '', rule_set: on.live.current().fingerprint },
          reason: expect.stringMatching(/^follow_up: 2 days after the call/) as unknown,
        }),
      ],
      next: null,
    });
    on.clock.time += 48 * HOUR_MS;
    expect((await desk.list()).items).toEqual([]);
  });

  it('goes by contact, rule, destination and client, and page by page', async () => {
    const [ann, bob] = [await followUp(ANN), await followUp(BOB)];
    const ids = async (query: Parameters<FollowUpDesk['list']>[0]) =>
      (await desk.list(query)).items.map(({ id }) => id);
    expect(await ids({ contact: ANN })).toEqual([ann]);
    expect(await ids({ rule: 'others' })).toEqual([]);
    expect(await ids({ destination: 'sink', scope: '' })).toEqual([bob, ann]);
    expect(await ids({ scope: 'acme' })).toEqual([]);
    const first = await desk.list({ limit: 1 });
    expect(await ids({ limit: 1, cursor: first.next ?? '' })).toEqual([ann]);
  });

  it('says no time for what waits for another action of its rule', async () => {
    const needy = { ...TO_SINK, id: 'then', needs: ['send'] };
    await on.swapRules({ all: ruleWith([TO_SINK, needy]) });
    const id = await followUp();
    expect((await desk.list()).items).toMatchObject([{ action: 'then', due_at: null }]);
    for (const change of [desk.snooze(id, { by: '2h' }), desk.runNow(id)])
      await expect(change).rejects.toEqual(refused('conflict', /waits for another action of its rule/));
    expect(await desk.snoozeMany({}, { by: '2h' })).toEqual({ count: 0 });
  });
});

describe('one follow-up', () => {
  it('is taken back', async () => {
    const id = await followUp();
    expect(await desk.cancel(id)).toMatchObject({ id, state: 'canceled', reason: 'by_person' });
    expect(on.woken).toEqual([]);
    expect((await desk.list()).items).toEqual([]);
  });

  it('is put off, by a length or until a time', async () => {
    const id = await followUp();
    const before = Date.parse((await dueAt(id)) ?? '');
    const later = {
      id,
      state: 'pending',
      reason: 'snoozed',
      due_at: new Date(before + 2 * HOUR_MS).toISOString(),
    };
    expect(await desk.snooze(id, { by: '2h' })).toMatchObject(later);
    expect(await desk.snooze(id, { until: '2026-12-01T10:00' })).toMatchObject({
      due_at: '2026-12-01T10:00:00.000Z',
    });
    await expect(desk.snooze(id, {})).rejects.toEqual(refused('bad_request', /^until, by:/));
  });

  it('is sent at once, and its destination probed', async () => {
    const id = await followUp();
    expect(await desk.runNow(id)).toMatchObject({ id, state: 'pending', reason: null });
    expect(await dueAt(id)).toBe(new Date(on.clock.time).toISOString());
    expect(on.woken).toEqual([['sink']]);
  });

  it('is one that is pending: anything else is refused', async () => {
    const id = await followUp();
    await desk.cancel(id);
    for (const change of [desk.cancel(id), desk.snooze(id, { by: '1h' }), desk.runNow(id)])
      await expect(change).rejects.toEqual(refused('conflict', /this delivery is canceled; a follow-up is/));
    await expect(desk.runNow('x')).rejects.toEqual(refused('not_found', /no delivery "x"/));
  });
});

describe('many follow-ups', () => {
  it('are taken back or sent by filter, the rest left alone', async () => {
    for (const contact of [ANN, ANN, BOB]) await followUp(contact);
    await on.accept({ id: 'dead', customer_phone: ANN });
    on.clock.time += 1;
    expect(await desk.cancelMany({ contact: ANN }, { dry_run: true })).toEqual({ count: 3 });
    expect(await desk.runNowMany({ contact: BOB })).toEqual({ count: 1 });
    expect(await desk.cancelMany({})).toEqual({ count: 3 });
    expect(await on.store.countDeliveries()).toEqual({ pending: 5, canceled: 3 });
    expect(on.woken).toEqual([['sink']]);
  });

  it('are put off each by the same length, or all until one time', async () => {
    const ids = [await followUp(), await followUp(), await followUp(BOB)];
    const before = await Promise.all(ids.map(dueAt));
    expect(await desk.snoozeMany({ contact: ANN }, { by: '1 day', dry_run: true })).toEqual({ count: 2 });
    expect(await Promise.all(ids.map(dueAt))).toEqual(before);
    expect(await desk.snoozeMany({ contact: ANN }, { by: '1 day' })).toEqual({ count: 2 });
    const moved = before.map((due, i) => Date.parse(due ?? '') + (i < 2 ? 24 * HOUR_MS : 0));
    expect(await Promise.all(ids.map(dueAt))).toEqual(moved.map((ms) => new Date(ms).toISOString()));
    expect(await desk.snoozeMany({}, { until: '2026-12-24T10:00:00Z' })).toEqual({ count: 3 });
    expect(new Set(await Promise.all(ids.map(dueAt)))).toEqual(new Set(['2026-12-24T10:00:00.000Z']));
  });

  it('are more than one page', async () => {
    for (let i = 0; i < 503; i += 1) await followUp();
    expect(await desk.snoozeMany({}, { by: '1h' })).toEqual({ count: 503 });
    expect((await desk.list({ limit: 1000 })).items.every(({ reason }) => reason === 'snoozed')).toBe(true);
  });
});
