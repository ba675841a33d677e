import { describe, expect, it } from '@jest/globals';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { type ContactChange } from '../../src/domain/contact-list.js';
import { type ContactLimits } from '../../src/domain/contact-limits.js';
import { type PlannedDelivery } from '../../src/domain/delivery.js';
import { type ReplaySend } from '../../src/domain/replay.js';
import { DEFAULT_CONTACT_HOURS } from '../../src/domain/quiet-hours.js';
import {
  type ClaimedDelivery,
  type NewEvent,
  type ReachRequest,
  type ReachResult,
  type Store,
} from '../../src/store/store.js';
import { claimAll, freshId, newEvent, planned, RECEIVED_AT, revisionOf, updateOf } from './store-fixtures.js';

const NOW = RECEIVED_AT + 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CONTACT = '+15550100';
const LATER = RECEIVED_AT + HOUR_MS;

/** Who may be reached, and who was. */
export function contactContract(store: () => Store): void {
  describe('the list of those that nothing may reach', () => stopContract(store));
  describe('a contact that is to be reached', () => reachContract(store));
  describe('reaches side by side', () => reachRaces(store));
}

function builtIn(operation: ContactChange, over: Partial<PlannedDelivery> = {}): PlannedDelivery {
  const kind = 'aftercall';
  return planned({
    ...{ rule: 'opt-out', action: operation, destination: kind, kind, operation, state: 'delivered' },
    ...over,
  });
}

function stopContract(store: () => Store): void {
  const statesOf = async (...ids: string[]) => {
    const found = await Promise.all(ids.map((id) => store().findDelivery(id)));
    return found.map((delivery) => delivery && `${delivery.state}:${delivery.reason ?? ''}`);
  };
  const stopOf = (contact = CONTACT, scope = 'acme') => store().findStop(scope, contact);

  it('is written in the transaction of an event, and takes back what waits for the contact', async () => {
    const waiting = [planned({ channel: 'sms', dueAt: LATER }), planned({ channel: 'call', state: 'held' })];
    const colleagues = planned({ action: 'colleagues', dueAt: LATER });
    await store().accept(newEvent({ deliveries: [...waiting, colleagues] }));
    const own = planned({ channel: 'email', action: 'own' });
    const stop = builtIn('contact.stop', { action: 'list' });
    await store().accept(newEvent({ deliveries: [own, stop] }));

    const canceled = 'canceled:stopped: opt-out.list';
    expect(await statesOf(...waiting.map(({ id }) => id), own.id)).toEqual([canceled, canceled, canceled]);
    expect(await statesOf(colleagues.id, stop.id)).toEqual(['pending:', 'delivered:']);
    expect(await stopOf()).toEqual({
      scope: 'acme',
      contact: CONTACT,
      since: RECEIVED_AT,
      reason: 'opt-out.list',
    });
  });

  it('leaves other contacts and scopes alone', async () => {
    const others = [planned({ channel: 'sms' }), planned({ channel: 'sms' })];
    await store().accept(newEvent({ contact: '+15550199', deliveries: [others[0]!] }));
    await store().accept(newEvent({ scope: 'umbrella', deliveries: [others[1]!] }));
    await store().accept(newEvent({ deliveries: [builtIn('contact.stop')] }));
    expect(await statesOf(...others.map(({ id }) => id))).toEqual(['pending:', 'pending:']);
    expect([await stopOf('+15550199'), await stopOf(CONTACT, 'umbrella')]).toEqual([null, null]);
  });

  it('takes back what was planned since an earlier stop', async () => {
    await store().accept(newEvent({ deliveries: [builtIn('contact.stop')] }));
    const since = planned({ channel: 'sms' });
    await store().accept(newEvent({ deliveries: [since] }));
    await store().accept(newEvent({ deliveries: [builtIn('contact.stop', { rule: 'other' })] }));
    expect(await statesOf(since.id)).toEqual(['canceled:stopped: other.contact.stop']);
  });

  it('is of the end of its call, and of two the later one', async () => {
    const stops = async (rule: string, dueAt: number) => {
      const deliveries = [builtIn('contact.stop', { rule, dueAt })];
      await store().accept(newEvent({ receivedAt: LATER, deliveries }));
      return stopOf();
    };
    const first = { since: NOW, reason: 'a.contact.stop' };
    expect(await stops('a', NOW)).toMatchObject(first);
    expect(await stops('b', NOW - 1)).toMatchObject(first);
    expect(await stops('c', NOW)).toMatchObject(first);
    expect(await stops('d', NOW + 1)).toMatchObject({ since: NOW + 1, reason: 'd.contact.stop' });
  });

  it('is not taken back by a call that ended before it', async () => {
    const allows = async (dueAt: number) => {
      const deliveries = [builtIn('contact.allow', { dueAt })];
      await store().accept(newEvent({ receivedAt: LATER, deliveries }));
      return stopOf();
    };
    await store().accept(newEvent({ deliveries: [builtIn('contact.stop', { dueAt: NOW })] }));
    expect(await allows(NOW - 1)).toMatchObject({ since: NOW });
    expect(await allows(NOW)).toBeNull();
    await store().changeStop({ do: 'stop', scope: 'acme', contact: CONTACT, reason: 'by_person' }, NOW);
    expect(await allows(NOW - 1)).toMatchObject({ since: NOW, reason: 'by_person' });
  });

  it('is taken back by hand whenever it was made', async () => {
    await store().accept(newEvent({ deliveries: [builtIn('contact.stop', { dueAt: LATER })] }));
    await store().changeStop({ do: 'allow', scope: 'acme', contact: CONTACT, reason: 'by_person' }, NOW);
    expect(await stopOf()).toBeNull();
  });

  it('stays stopped where one event both allows and stops', async () => {
    await store().accept(newEvent({ deliveries: [builtIn('contact.stop'), builtIn('contact.allow')] }));
    expect(await stopOf()).not.toBeNull();
    await store().accept(newEvent({ deliveries: [builtIn('contact.allow')] }));
    expect(await stopOf()).toBeNull();
  });

  it('does nothing for a change that is only rendered, or has no contact', async () => {
    await store().accept(
      newEvent({ deliveries: [builtIn('contact.stop', { state: 'shadow', input: '{}' })] }),
    );
    await store().accept(newEvent({ contact: null, deliveries: [builtIn('contact.stop')] }));
    expect(await store().listStops({ limit: 9 })).toEqual([]);
  });

  it('counts a change once, whatever revisions repeat it', async () => {
    const first = newEvent({ deliveries: [builtIn('contact.stop')] });
    await store().accept(first);
    await store().changeStop({ do: 'allow', scope: 'acme', contact: CONTACT, reason: 'by_person' }, NOW);
    await store().accept(revisionOf(first, [builtIn('contact.stop')]));
    expect(await stopOf()).toBeNull();
  });

  it('is changed again by a replay that sends everything', async () => {
    const event = newEvent({ deliveries: [builtIn('contact.stop')] });
    await store().accept(event);
    const request = {
      eventId: event.id,
      now: NOW,
      ruleSet: 'r2',
      decisions: [],
      unchanged: [],
      identity: null,
    };
    const replay = async (send: ReplaySend) => {
      await store().changeStop({ do: 'allow', scope: 'acme', contact: CONTACT, reason: 'x' }, NOW);
      await store().replay({ ...request, send, deliveries: [builtIn('contact.stop')] });
      return stopOf();
    };
    expect(await replay('undelivered')).toBeNull();
    expect(await replay('all')).toMatchObject({ since: RECEIVED_AT });
  });

  it('skips what needs a delivery that is taken back', async () => {
    const sms = planned({ action: 'sms', channel: 'sms', dueAt: LATER });
    const tell = planned({ action: 'tell', needs: ['sms'] });
    await store().accept(newEvent({ deliveries: [sms, tell] }));
    await store().accept(newEvent({ deliveries: [builtIn('contact.stop')] }));
    expect(await statesOf(tell.id)).toEqual(['skipped:needed: sms is canceled']);
  });

  it('is changed by hand with the same effect, and says what was changed', async () => {
    const sms = planned({ channel: 'sms', dueAt: LATER });
    await store().accept(newEvent({ deliveries: [sms] }));
    const name = { scope: 'acme', contact: CONTACT, reason: 'by_person' };
    expect(await store().changeStop({ do: 'stop', ...name }, NOW)).toEqual({
      changed: true,
      canceled: [sms.id],
    });
    expect(await statesOf(sms.id)).toEqual(['canceled:stopped: by_person']);
    const unchanged = { changed: false, canceled: [] };
    expect(await store().changeStop({ do: 'stop', ...name }, NOW + 1)).toEqual(unchanged);
    expect(await stopOf()).toEqual({ ...name, since: NOW + 1 });
    expect(await store().changeStop({ do: 'allow', ...name }, NOW)).toEqual({ ...unchanged, changed: true });
    expect(await store().changeStop({ do: 'allow', ...name }, NOW)).toEqual(unchanged);
  });

  it('knows a mail address however it is written', async () => {
    const contact = ' Ann@Example.com';
    await store().changeStop({ do: 'stop', scope: '', contact, reason: 'by_person' }, NOW);
    expect(await store().findStop('', 'ann@example.com ')).toMatchObject({ contact: 'ann@example.com' });
  });

  it('takes nothing back that waits when it is of a mail address', async () => {
    const contact = 'ann@example.com';
    const mail = planned({ channel: 'email', dueAt: LATER });
    await store().accept(newEvent({ contact, deliveries: [mail] }));
    const stop = { do: 'stop', scope: 'acme', contact, reason: 'by_person' } as const;
    expect(await store().changeStop(stop, NOW)).toEqual({ changed: true, canceled: [] });
    expect(await statesOf(mail.id)).toEqual(['pending:']);
  });

  it('is listed newest first, of one scope or of all', async () => {
    const stop = (contact: string, scope: string, now: number) =>
      store().changeStop({ do: 'stop', scope, contact, reason: 'x' }, now);
    await stop('+1', 'a', 1);
    await stop('+2', 'b', 3);
    await stop('+3', 'a', 2);
    const contacts = async (page: { scope?: string; limit: number }) =>
      (await store().listStops(page)).map(({ contact }) => contact);
    expect(await contacts({ limit: 9 })).toEqual(['+2', '+3', '+1']);
    expect(await contacts({ scope: 'a', limit: 9 })).toEqual(['+3', '+1']);
    expect(await contacts({ limit: 1 })).toEqual(['+2']);
  });
}

type Question = ReachRequest['question'];

/** Half past ten on a Wednesday in London: nothing but the list and the limits stands in the way. */
function askFor(
  { delivery }: ClaimedDelivery,
  question: Partial<Question> = {},
  over: Partial<Omit<ReachRequest, 'question'>> = {},
): ReachRequest {
  return {
    ...{ id: delivery.id, fence: delivery.fence, input: '{"text":"hi"}', scope: 'acme' },
    ...{ contacts: [CONTACT], chain: null },
    question: {
      ...{ now: NOW, channel: 'sms', zone: { zones: ['Europe/London'], from: 'phone' }, country: 'GB' },
      ...{ hours: DEFAULT_CONTACT_HOURS, windows: [], limits: {}, consent: 'not_required' },
      ...{ endedAt: RECEIVED_AT, receivedAt: RECEIVED_AT },
      ...question,
    },
    ...over,
  };
}

/** Of `count` events, each with one delivery that reaches a contact. */
async function claimSome(
  store: Store,
  count: number,
  over: Partial<NewEvent> = {},
): Promise<ClaimedDelivery[]> {
  const destination = freshId('dialer');
  for (let nth = 0; nth < count; nth += 1)
    await store.accept(newEvent({ deliveries: [planned({ channel: 'sms', destination })], ...over }));
  return claimAll(store, destination);
}

const ONE_A_DAY: ContactLimits = { sms: { count: 1, perMs: DAY_MS } };
const GO = { is: 'go', why: expect.stringContaining('Europe/London') };

function reachContract(store: () => Store): void {
  const reach = (...asked: Parameters<typeof askFor>) => store().reach(askFor(...asked));
  const inputOf = async ({ delivery }: ClaimedDelivery) => (await store().findDelivery(delivery.id))?.input;

  it('is let through with its input kept, and counts from then on', async () => {
    const [first, second] = await claimSome(store(), 2);
    expect(await reach(first!, { limits: ONE_A_DAY })).toEqual(GO);
    expect(await inputOf(first!)).toBe('{"text":"hi"}');
    const wait = { is: 'wait', until: NOW + DAY_MS, reason: 'contact_limit: 1 (sms) is used up' };
    expect(await reach(second!, { limits: ONE_A_DAY })).toEqual(wait);
    expect(await inputOf(second!)).toBeNull();
    // Its own earlier attempt does not stand in its way.
    expect(await reach(first!, { limits: ONE_A_DAY, now: NOW + 1 })).toEqual(GO);
    expect(await reach(second!, { limits: ONE_A_DAY })).toMatchObject({ until: NOW + 1 + DAY_MS });
  });

  it('counts per contact and scope, by channel, and as far back as the limits look', async () => {
    const [first, second] = await claimSome(store(), 2);
    await reach(first!, { limits: ONE_A_DAY });
    const goes = async (question: Partial<Question>, over: Partial<ReachRequest> = {}) =>
      (await reach(second!, { limits: ONE_A_DAY, ...question }, over)).is;
    expect(await goes({}, { contacts: ['+15550199'] })).toBe('go');
    expect(await goes({}, { scope: 'umbrella' })).toBe('go');
    expect(await goes({ channel: 'call' })).toBe('go');
    expect(await goes({ limits: { any: { count: 1, perMs: DAY_MS } } })).toBe('wait');
    expect(await goes({ now: NOW + DAY_MS })).toBe('go');
  });

  it('asks for everybody that it reaches: a refusal before a wait, and the longest wait', async () => {
    const [first, second, third] = await claimSome(store(), 3);
    await reach(first!, { limits: ONE_A_DAY }, { contacts: ['a@b.c'] });
    await reach(second!, { limits: ONE_A_DAY, now: NOW + HOUR_MS }, { contacts: ['+15550199'] });
    const contacts = ['a@b.c', '+15550199', '+15550200'];
    expect(await reach(third!, { limits: ONE_A_DAY }, { contacts })).toMatchObject({
      is: 'wait',
      until: NOW + HOUR_MS + DAY_MS,
    });
    await store().changeStop({ do: 'stop', scope: 'acme', contact: '+15550200', reason: 'x' }, NOW);
    expect(await reach(third!, { limits: ONE_A_DAY }, { contacts })).toEqual({
      is: 'skipped',
      reason: 'stopped',
    });
  });

  it('is stopped in every scope by a stop of none, and by that of another scope in none', async () => {
    const [claimed] = await claimSome(store(), 1);
    const change = (what: 'stop' | 'allow', scope: string) =>
      store().changeStop({ do: what, scope, contact: CONTACT, reason: 'x' }, NOW);
    await change('stop', '');
    expect(await reach(claimed!)).toEqual({ is: 'skipped', reason: 'stopped' });
    await change('allow', '');
    await change('stop', 'umbrella');
    expect(await reach(claimed!)).toEqual(GO);
  });

  it('is lost when somebody else holds the delivery, or another call has come in', async () => {
    const [claimed] = await claimSome(store(), 1);
    const own = { seenUntil: claimed!.event.id };
    expect(await reach(claimed!, {}, { fence: claimed!.delivery.fence - 1 })).toEqual({ is: 'lost' });
    await store().accept(newEvent());
    expect(await reach(claimed!, {}, own)).toEqual({ is: 'lost' });
    expect(await inputOf(claimed!)).toBeNull();
    const [other] = await claimSome(store(), 1);
    expect(await reach(other!, { limits: ONE_A_DAY })).toEqual(GO);
  });

  it.each<[string, AttemptOutcome, 'delivered' | 'pending' | 'dead', 'go' | 'wait']>([
    ['delivered', { outcome: 'delivered' }, 'delivered', 'wait'],
    ['without an answer', { outcome: 'unknown', reason: 'timeout' }, 'pending', 'wait'],
    ['refused', { outcome: 'rejected', reason: 'client_error' }, 'dead', 'go'],
    ['to be tried again', { outcome: 'retry', reason: 'server_error' }, 'pending', 'go'],
  ])('counts an attempt that was %s, or does not', async (_, result, state, expected) => {
    const [first, second] = await claimSome(store(), 2);
    await reach(first!, { limits: ONE_A_DAY });
    await store().update(updateOf(first!, state, result));
    expect((await reach(second!, { limits: ONE_A_DAY })).is).toBe(expected);
  });

  it('does not count what was given back before it was sent, and counts what may have arrived once', async () => {
    const [first, second] = await claimSome(store(), 2);
    await reach(first!, { limits: ONE_A_DAY });
    await store().update({ ...updateOf(first!, 'pending'), dueAt: LATER });
    expect((await reach(second!, { limits: ONE_A_DAY })).is).toBe('go');

    const unknown = updateOf(second!, 'pending', { outcome: 'unknown', reason: 'timeout' });
    await store().update({ ...unknown, dueAt: RECEIVED_AT });
    const [again] = await claimAll(store(), second!.delivery.destination);
    expect((await reach(again!, { limits: ONE_A_DAY })).is).toBe('go');
    await store().update(updateOf(again!, 'dead', { outcome: 'rejected', reason: 'client_error' }));
    const [other] = await claimSome(store(), 1);
    expect((await reach(other!, { limits: ONE_A_DAY })).is).toBe('wait');
  });

  it('is forgotten when no limit looks back so far, whatever became of the events', async () => {
    const [first, second, third] = await claimSome(store(), 3);
    const limits = ONE_A_DAY;
    const prune = (reachesBefore: number | null) =>
      store().prune({
        ...{ eventsBefore: LATER, bodiesBefore: null, reachesBefore },
        ...{ now: LATER, limit: 9, after: null },
      });
    await reach(first!, { limits });
    await prune(null);
    await prune(NOW);
    expect((await reach(second!, { limits })).is).toBe('wait');
    await prune(NOW + 1);
    expect((await reach(third!, { limits })).is).toBe('go');
  });

  it('lets one original call cause so many calls and no more, whomever they reach', async () => {
    const claimed = await claimSome(store(), 4);
    const chain = { root: 'event-1', max: 2 };
    const ask = (nth: number, over: Partial<ReachRequest> = {}) =>
      reach(claimed[nth]!, { channel: 'call' }, { chain, contacts: [`+1555000${nth}`], ...over });
    expect(await ask(0)).toEqual(GO);
    expect(await ask(0)).toEqual(GO);
    expect(await ask(1)).toEqual(GO);
    expect(await ask(2)).toEqual({
      is: 'held',
      reason: 'max_chain: the original call caused 2 calls already',
    });
    expect(await ask(2, { chain: { root: 'event-2', max: 2 } })).toEqual(GO);
    expect(await ask(3, { chain: null })).toEqual(GO);
    await store().update(updateOf(claimed[1]!, 'dead', { outcome: 'rejected', reason: 'client_error' }));
    expect(await ask(3)).toEqual(GO);
  });
}

function reachRaces(store: () => Store): void {
  it('lets exactly as many through as a limit allows', async () => {
    const claimed = await claimSome(store(), 20);
    const limits = { sms: { count: 3, perMs: DAY_MS } };
    const verdicts = await Promise.all(claimed.map((one) => store().reach(askFor(one, { limits }))));
    expect(verdicts.filter(({ is }) => is === 'go')).toHaveLength(3);
    expect(verdicts.filter(({ is }) => is === 'wait')).toHaveLength(17);
  });

  it('lets exactly as many through as a chain allows', async () => {
    const claimed = await claimSome(store(), 20);
    const chain = { root: 'event-1', max: 3 };
    const asked = claimed.map((one, nth) => askFor(one, {}, { chain, contacts: [`+155500${nth}`] }));
    const verdicts = await Promise.all(asked.map((one) => store().reach(one)));
    expect(verdicts.filter(({ is }) => is === 'go')).toHaveLength(3);
  });

  it('lets nothing through once a stop has been answered', async () => {
    const claimed = await claimSome(store(), 20);
    const answered: (ReachResult | 'stopped')[] = [];
    const ask = async (one: ClaimedDelivery) => void answered.push(await store().reach(askFor(one)));
    await Promise.all([
      ...claimed.slice(0, 10).map(ask),
      store()
        .accept(newEvent({ deliveries: [builtIn('contact.stop')] }))
        .then(() => answered.push('stopped')),
      ...claimed.slice(10).map(ask),
    ]);
    const after = answered.slice(answered.indexOf('stopped') + 1);
    expect(after.every((one) => one !== 'stopped' && one.is === 'skipped')).toBe(true);
    expect(await store().reach(askFor(claimed[0]!))).toEqual({ is: 'skipped', reason: 'stopped' });
  });
}
