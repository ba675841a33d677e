import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type PlannedDelivery } from '../../src/domain/delivery.js';
import { DEFAULT_CONTACT_HOURS } from '../../src/domain/quiet-hours.js';
import pg from 'pg';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { type ClaimedDelivery, type ReachRequest, type Store } from '../../src/store/store.js';
import { createDatabase, missingPostgres, type TestDatabase } from '../support/services.js';
import { claimAll, freshId, newEvent, planned, RECEIVED_AT, updateOf } from './store-fixtures.js';

const NOW = RECEIVED_AT + 60_000;
const DAY_MS = 86_400_000;
const LATER = RECEIVED_AT + 3_600_000;

const STOPS: Partial<PlannedDelivery> = { operation: 'contact.stop', state: 'delivered' };

const missing = await missingPostgres();
const suite = missing === null ? describe : describe.skip;

suite(`processes that meet over one contact${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let database: TestDatabase;
  const stores: Store[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    for (let nth = 0; nth < 4; nth += 1) stores.push(await openPostgresStore({ url: database.url }));
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });

  /** Nothing of one test is of the same client as that of another. */
  let scope: string;
  let lane: string;
  beforeEach(() => {
    scope = freshId('scope');
    lane = freshId('lane');
  });
  afterEach(() => stores[0]!.recover(NOW));

  const inTurn = (nth: number): Store => stores[nth % stores.length]!;
  const shown = async (ids: readonly string[]) => {
    const found = await Promise.all(ids.map((id) => stores[0]!.findDelivery(id)));
    return found.map((delivery) => `${delivery?.state}:${delivery?.reason?.split(':')[0] ?? ''}`);
  };
  const accept = async (
    nth: number,
    over: Partial<PlannedDelivery>,
    contact = '+15550100',
  ): Promise<string> => {
    const delivery = planned({ destination: lane, ...over });
    await inTurn(nth).accept(newEvent({ scope, contact, deliveries: [delivery] }));
    return delivery.id;
  };
  const claimSome = async (
    count: number,
    over: Partial<PlannedDelivery> = {},
  ): Promise<ClaimedDelivery[]> => {
    for (let nth = 0; nth < count; nth += 1)
      await accept(nth, { channel: 'sms', action: `a${nth}`, ...over });
    return claimAll(stores[0]!, lane);
  };
  const reach = (nth: number, { delivery }: ClaimedDelivery, over: Partial<ReachRequest> = {}) =>
    inTurn(nth).reach({
      ...{ id: delivery.id, fence: delivery.fence, input: '{}', scope, contacts: ['+15550100'], chain: null },
      question: {
        ...{ now: NOW, channel: 'sms', zone: { zones: ['Europe/London'], from: 'phone' }, country: null },
        ...{ hours: DEFAULT_CONTACT_HOURS, windows: [], limits: { sms: { count: 3, perMs: DAY_MS } } },
        ...{ consent: 'not_required', endedAt: null, receivedAt: RECEIVED_AT },
      },
      ...over,
    });
  const stop = (nth: number, contact = '+15550100') =>
    inTurn(nth).changeStop({ do: 'stop', scope, contact, reason: 'x' }, NOW);

  it('let exactly as many through as a limit allows', async () => {
    const claimed = await claimSome(20);
    const verdicts = await Promise.all(claimed.map((one, nth) => reach(nth, one)));
    expect(verdicts.filter(({ is }) => is === 'go')).toHaveLength(3);
  });

  it('let exactly as many through as a chain allows', async () => {
    const claimed = await claimSome(20);
    const chain = { root: freshId('event'), max: 3 };
    const asked = claimed.map((one, nth) => reach(nth, one, { chain, contacts: [`+155500${nth}`] }));
    expect((await Promise.all(asked)).filter(({ is }) => is === 'go')).toHaveLength(3);
  });

  it.each([
    ['by hand', (nth: number, contact: string): Promise<unknown> => stop(nth, contact)],
    ['by a rule', (nth: number, contact: string): Promise<unknown> => accept(nth, STOPS, contact)],
    [
      'of no client',
      (nth: number, contact: string): Promise<unknown> =>
        inTurn(nth).changeStop({ do: 'stop', scope: '', contact, reason: 'x' }, NOW),
    ],
  ])('let nothing through once a stop %s has been answered', async (_, stopIt) => {
    for (let round = 0; round < 5; round += 1) {
      const contact = `+1555020${round}`;
      const claimed = await claimSome(16);
      const answers: string[] = [];
      const asked = claimed.map(async (one, nth) => {
        if (nth === 5) answers.push(await stopIt(nth, contact).then(() => 'stopped'));
        const verdict = await reach(nth, one, { contacts: [contact] });
        answers.push(verdict.is);
      });
      await Promise.all(asked);
      expect(answers.slice(answers.indexOf('stopped') + 1)).not.toContain('go');
      const stops = [await stores[0]!.findStop(scope, contact), await stores[0]!.findStop('', contact)];
      expect(stops.filter((one) => one !== null)).toHaveLength(1);
      // It would count in other tests as well.
      await stores[0]!.changeStop({ do: 'allow', scope: '', contact, reason: 'x' }, NOW);
    }
  });

  it('plan one follow-up where one waits already', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, nth) => accept(nth, { dueAt: LATER, onRepeat: 'skip' })),
    );
    expect((await shown(ids)).sort()).toEqual([
      'pending:',
      ...Array.from({ length: 19 }, () => 'skipped:repeated'),
    ]);
  });

  it('replace all but the last follow-up', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, nth) => accept(nth, { dueAt: LATER, onRepeat: 'replace' })),
    );
    expect((await shown(ids)).filter((one) => one === 'pending:')).toHaveLength(1);
  });

  it('do once what may happen once, whoever it is for', async () => {
    const once = { key: 'k', perMs: DAY_MS };
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, nth) => accept(nth, { once }, `+1555${nth}`)),
    );
    expect((await shown(ids)).filter((one) => one === 'pending:')).toHaveLength(1);
  });

  it('tell every call of a digest once', async () => {
    const claimed = await claimSome(24, { channel: null, action: 'tell', digestKey: 'g' });
    const gathered = await Promise.all(
      [...claimed]
        .reverse()
        .map(({ delivery }, nth) => inTurn(nth).gatherDigest(delivery.id, delivery.fence, NOW)),
    );
    const heads = gathered.filter(({ head }) => head);
    expect(heads).toHaveLength(1);
    expect(heads[0]!.members.map(({ deliveryId }) => deliveryId)).toEqual(
      claimed.map(({ delivery }) => delivery.id),
    );
  });

  it('put nothing under a head that gathers at the same moment without it', async () => {
    const [first, second] = await claimSome(2, { channel: null, action: 'tell', digestKey: 'g' });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const isWaitedFor = async (): Promise<boolean> => {
      const { rows } = await client.query('select 1 from pg_locks where not granted');
      return rows.length > 0;
    };
    try {
      await client.query('begin');
      await client.query('update deliveries set digest_head = id where id = $1', [first!.delivery.id]);
      let isOver = false;
      const gathering = stores[1]!
        .gatherDigest(second!.delivery.id, second!.delivery.fence, NOW)
        .finally(() => (isOver = true));
      while (!isOver && !(await isWaitedFor())) await new Promise(setImmediate);
      await client.query('commit');
      expect(await gathering).toMatchObject({ head: true, members: [{ deliveryId: second!.delivery.id }] });
    } finally {
      await client.end();
    }
  });

  it('wait for each other in no circle, whatever they do with the same few contacts', async () => {
    const claimed = await claimSome(30, { digestKey: null });
    const contacts = ['+15550300', '+15550301', '+15550302', 'a@b.c'];
    const some = (nth: number) => [contacts[nth % 4]!, contacts[(nth * 3 + 1) % 4]!];
    const once = { key: 'k', perMs: DAY_MS };
    const next = (nth: number) =>
      planned({ destination: lane, dueAt: LATER, onRepeat: 'replace', action: `n${nth % 3}` });
    const events = claimed.map(({ event }) => event.id);
    const works = claimed.flatMap((one, nth): Promise<unknown>[] => [
      reach(nth, one, { contacts: some(nth), chain: { root: `root-${nth % 2}`, max: 50 } }),
      accept(nth + 1, { dueAt: LATER, onRepeat: 'replace', once, action: `o${nth % 3}` }, some(nth)[0]),
      nth % 7 === 0 ? stop(nth + 2, some(nth)[1]) : Promise.resolve(),
      inTurn(nth + 3).update({ ...updateOf(one, 'delivered', { outcome: 'delivered' }), next: next(nth) }),
      inTurn(nth + 2).replay({
        ...{ eventId: events[(nth * 7) % 30]!, now: NOW, ruleSet: 'r2', send: 'undelivered', decisions: [] },
        ...{
          deliveries: [planned({ destination: lane, action: `p${nth}`, once })],
          unchanged: [],
          identity: null,
        },
      }),
    ]);
    const settled = await Promise.allSettled(works);
    expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});
