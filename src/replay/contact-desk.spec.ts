import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DESK_START, DeskOnStore, ruleWith, TO_SINK } from '../../test/support/desk-on-store.js';
import { type ContactDesk } from './contact-desk.js';

const HOUR_MS = 3_600_000;
const ANN = '+436641111111';
const RING = { id: 'ring', to: 'dialer', with: { say: 'hello' }, after: '2 days' };
const RULES = {
  all: ruleWith([{ ...TO_SINK, after: '1 day' }, RING]),
  busy: ruleWith([TO_SINK], { match: { status: 'busy' } }),
};

let on: DeskOnStore;
let desk: ContactDesk;

async function open(main: object = {}): Promise<void> {
  on = await DeskOnStore.open(RULES, main);
  desk = on.desk.contacts;
}

beforeEach(() => open());
afterEach(() => on.close());

function refused(words: RegExp): object {
  return expect.objectContaining({ status: 'bad_request', message: expect.stringMatching(words) as unknown });
}

/** A call of Ann, an hour after the one before. */
async function call(id: string, more: Record<string, unknown> = {}): Promise<string> {
  on.clock.time += HOUR_MS;
  return on.accept({ id, customer_phone: ANN, ...more });
}

const at = (hours: number) => new Date(DESK_START + hours * HOUR_MS).toISOString();

describe('a contact', () => {
  it('is shown with its calls and what waits for it, the next first', async () => {
    await call('1', { status: 'no-answer' });
    await call('2');
    const shown = await desk.show('+43 664 1111111');
    expect(shown).toMatchObject({
      ...{ contact: ANN, scope: '', stopped: null, calls: 2, missed: 1 },
      ...{ last_status: 'completed', last_at: at(2), open_follow_ups: 2 },
    });
    expect(shown.follow_ups.map(({ action, due_at }) => [action, due_at])).toEqual([
      ['send', at(26)],
      ['ring', at(50)],
    ]);
  });

  it('of whom nothing is known may be reached', async () => {
    expect(await desk.show('Ada@example.com')).toEqual({
      ...{ contact: 'ada@example.com', scope: '', stopped: null, calls: 0, missed: 0 },
      ...{ last_status: null, last_at: null, open_follow_ups: 0, follow_ups: [] },
    });
  });

  it('that is neither a number nor an address is refused', async () => {
    for (const question of [desk.show('Ann'), desk.timeline('Ann'), desk.stop('Ann'), desk.allow('Ann')])
      await expect(question).rejects.toEqual(refused(/^contact: expected a phone number/));
  });
});

describe('the list of stopped contacts', () => {
  it('takes a contact, takes back what waits to reach it, and says so', async () => {
    await call('1');
    const stopped = await desk.stop(ANN);
    expect(stopped).toMatchObject({ contact: ANN, scope: '', stopped: true, changed: true });
    expect(stopped.canceled).toMatchObject([
      { action: 'ring', state: 'canceled', reason: 'stopped: by_person' },
    ]);
    expect(await desk.show(ANN)).toMatchObject({ stopped: { since: at(1), reason: 'by_person' } });
    expect(await desk.stop(ANN)).toMatchObject({ stopped: true, changed: false, canceled: [] });
    expect(await desk.stops()).toEqual({
      items: [{ contact: ANN, scope: '', since: at(1), reason: 'by_person' }],
      next: null,
    });
  });

  it('gives a contact back', async () => {
    await desk.stop('ada@example.com');
    expect(await desk.allow('ADA@example.com')).toEqual({
      ...{ contact: 'ada@example.com', scope: '', stopped: false, changed: true, canceled: [] },
    });
    expect(await desk.allow('ada@example.com')).toMatchObject({ changed: false });
    expect((await desk.stops()).items).toEqual([]);
  });

  it('is one for each client', async () => {
    await on.close();
    await open({ contacts: { scope: 'labels.client' } });
    for (const question of [desk.show(ANN), desk.stop(ANN), desk.stops(), desk.timeline(ANN)])
      await expect(question).rejects.toEqual(refused(/^scope: .*name one \(--scope\), such as acme$/));
    await desk.stop(ANN, { scope: 'other' });
    expect(await desk.show(ANN, { scope: 'acme' })).toMatchObject({ scope: 'acme', stopped: null });
    expect((await desk.stops({ scope: 'other', limit: 1 })).items).toMatchObject([{ scope: 'other' }]);
  });
});

describe('the timeline', () => {
  it('holds events and deliveries of a contact together, newest first', async () => {
    const [first, second] = [await call('1', { status: 'busy' }), await call('2')];
    await on.accept({ id: '3', customer_phone: '+436642222222' });
    const { items, next } = await desk.timeline(ANN);
    const seen = items.map((one) => [
      one.at,
      one.is === 'event' ? one.event.id : `${one.delivery.event_id} ${one.delivery.action}`,
    ]);
    expect(seen.slice(0, 2).sort()).toEqual([
      [at(2), `${second} ring`],
      [at(2), `${second} send`],
    ]);
    expect(seen.slice(2)).toEqual([
      [at(2), second],
      [at(1), `${first} send`],
      [at(1), first],
    ]);
    expect(next).toBeNull();
  });

  it('goes on where a page ended', async () => {
    for (let i = 0; i < 4; i += 1) await call(String(i));
    const whole = (await desk.timeline(ANN)).items;
    const paged: unknown[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await desk.timeline(ANN, { limit: 5, ...(cursor !== undefined && { cursor }) });
      paged.push(...page.items);
      cursor = page.next;
    }
    expect(whole).toHaveLength(12);
    expect(paged).toEqual(whole);
  });

  it('refuses the cursor of another list', async () => {
    await call('1');
    const { next } = await on.desk.listDeliveries({ limit: 1 });
    await expect(desk.timeline(ANN, { cursor: next ?? '' })).rejects.toEqual(refused(/^cursor:/));
    const gone = Buffer.from('gone/').toString('base64url');
    await expect(desk.timeline(ANN, { cursor: gone })).rejects.toEqual(refused(/^cursor:/));
  });

  it('mixes no clients', async () => {
    await on.close();
    await open({ contacts: { scope: 'labels.client' } });
    await call('1');
    on.clock.time += 1;
    await on.accept({ id: '2', customer_phone: ANN }, { client: 'other' });
    const events = async (scope: string) =>
      (await desk.timeline(ANN, { scope })).items.flatMap((one) =>
        one.is === 'event' ? [one.event.call_id] : [],
      );
    expect(await events('acme')).toEqual(['1']);
    expect(await events('other')).toEqual(['2']);
  });
});
