import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { autocallsSource, FakeIntakeStore, fixture, liveWith } from '../../test/support/intake.js';
import { callData } from '../domain/call-data.js';
import { type Decision } from '../domain/decision.js';
import { ORDINARY, type PlannedDelivery } from '../domain/delivery.js';
import { type LiveRuleSet } from '../config/live.js';
import { type DeliveryQueue } from '../queue/queue.js';
import { StoreUnavailableError } from '../store/store.js';
import { type DecidedEvent } from '../plan/decided-event.js';
import { type DecidedCall } from '../plan/plan-deliveries.js';

const now = 1_736_937_300_000;
const decided = { decisions: [] as Decision[], deliveries: [] as PlannedDelivery[] };
const decideCall = jest.fn((_live: LiveRuleSet, event: DecidedEvent): DecidedCall => {
  const { labels, eventId, receivedAt } = event;
  const data = callData(event.call, { source: event.source.name, labels, eventId, receivedAt });
  return { data, scope: 'acme', ...decided };
});
jest.unstable_mockModule('../plan/plan-deliveries.js', () => ({ decideCall }));
const { EventAcceptor, UnknownSourceError } = await import('./accept-event.js');

const decision = (rule: string, verdict: Decision['verdict'], shadow = false): Decision => ({
  rule,
  verdict,
  shadow,
  because: [],
});

function delivery(destination: string, changes: Partial<PlannedDelivery> = {}): PlannedDelivery {
  return {
    id: `d-${destination}`,
    rule: 'hot-lead',
    action: 'tell',
    destination,
    kind: 'log',
    operation: 'write',
    state: 'pending',
    reason: null,
    dueAt: now,
    onRevision: 'refresh',
    ordered: false,
    input: null,
    needs: [],
    ...ORDINARY,
    ...changes,
  };
}

let store: FakeIntakeStore;
const live: LiveRuleSet = liveWith([autocallsSource()]).current();

/** A call of whom the vendor kept this variable of ours. */
function withVariable(key: string): Buffer {
  const call = JSON.parse(fixture('completed-campaign').toString()) as { input_variables: object };
  call.input_variables = { ...call.input_variables, aftercall_delivery: key };
  return Buffer.from(JSON.stringify(call));
}
const wake = jest.fn<DeliveryQueue['wake']>();
const observe = jest.fn<(decisions: readonly Decision[]) => void>();

function acceptor() {
  return new EventAcceptor({
    store,
    live: { current: () => live },
    queue: { wake },
    clock: { now: () => now },
    observe,
  });
}

beforeEach(() => {
  store = new FakeIntakeStore();
  jest.clearAllMocks();
  decided.decisions = [
    decision('hot-lead', 'fired'),
    decision('quiet', 'fired', true),
    decision('x', 'undecided'),
  ];
  decided.deliveries = [delivery('sales')];
});

describe('EventAcceptor', () => {
  it('stores a call with its decisions and deliveries, and answers with the live rules that fired', async () => {
    const raw = fixture('completed-campaign');
    const answer = await acceptor().accept('autocalls', raw, {
      labels: { assistant: '17' },
      contentType: 'text/plain',
    });
    const [event] = store.events;
    expect(answer).toEqual({
      httpStatus: 202,
      body: { status: 'accepted', event_id: event?.id, fired: ['hot-lead'] },
    });
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: 'autocalls',
      eventKind: 'call',
      callId: '12345',
      intent: 'call',
      receivedAt: now,
      scope: 'acme',
      contact: '+1234567890',
      labels: { client: 'acme', assistant: '17' },
      contentType: 'text/plain',
      problems: [],
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      raw,
      ruleSet: 'rules-1',
      cause: null,
      root: null,
      result: { status: 'completed', isMissed: false },
      decisions: decided.decisions,
      deliveries: decided.deliveries,
    });
  });

  it('knows a call that a delivery of ours caused, and all that led to it', async () => {
    store.chains.set('d7', { root: 'e1', rules: ['again', 'first'] });
    await acceptor().accept('autocalls', withVariable('aftercall-d7'));
    expect(store.events[0]).toMatchObject({ cause: 'd7', root: 'e1' });
    expect(decideCall.mock.calls[0]?.[1]).toMatchObject({ causedBy: ['again', 'first'] });
  });

  it('takes a mark that names no delivery of ours for none', async () => {
    await acceptor().accept('autocalls', withVariable('aftercall-elsewhere'));
    expect(store.events[0]).toMatchObject({ cause: null, root: null });
  });

  it('asks for what is known of the contact only where a rule does', async () => {
    await acceptor().accept('autocalls', fixture('completed-campaign'));
    expect(store.asked).toEqual([]);
    live.factWindows = new Map([['24h', 86_400_000]]);
    await acceptor().accept('autocalls', fixture('busy-nulls'));
    live.factWindows = null;
    expect(store.asked).toHaveLength(1);
    expect(store.asked[0]).toMatchObject({ now, windowsMs: [86_400_000], except: { source: 'autocalls' } });
    expect(decideCall.mock.calls[1]?.[1].contactFacts).toMatchObject({ calls: 1, missed: 1 });
  });

  it('decides by the snapshot and the labels that are stored with the event', async () => {
    await acceptor().accept('autocalls', fixture('completed-campaign'), { labels: { client: 'other' } });
    expect(decideCall.mock.calls[0]?.[1]).toMatchObject({
      eventId: store.events[0]?.id,
      receivedAt: now,
      isTest: false,
      labels: { client: 'other' },
    });
    expect(store.events[0]?.labels).toEqual({ client: 'other' });
  });

  it('answers a resend with the first event and what fired then', async () => {
    const first = await acceptor().accept('autocalls', fixture('completed-campaign'));
    decided.decisions = [];
    const moved = fixture('completed-campaign')
      .toString()
      .replace('2025-01-15T10:32:05', '2025-02-01T00:00:00');
    const again = await acceptor().accept('autocalls', Buffer.from(moved));
    expect(again).toEqual({ httpStatus: 200, body: { ...first.body, status: 'duplicate' } });
    expect(store.events).toHaveLength(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('answers other content under the same id as a revision', async () => {
    await acceptor().accept('autocalls', fixture('completed-campaign'));
    const answer = await acceptor().accept('autocalls', fixture('completed-campaign-revised'));
    expect(answer).toEqual({
      httpStatus: 202,
      body: { status: 'revision', event_id: store.events[1]?.id, fired: ['hot-lead'] },
    });
  });

  it('stores the sample of the vendor as a test, every time', async () => {
    const sample = fixture('vendor-test-button-no-id');
    const answer = await acceptor().accept('autocalls', sample);
    await acceptor().accept('autocalls', sample);
    expect(answer).toMatchObject({ httpStatus: 202, body: { status: 'test', fired: ['hot-lead'] } });
    expect(decideCall.mock.calls[0]?.[1]).toMatchObject({ isTest: true });
    expect(store.events).toMatchObject([
      { intent: 'test', callId: null },
      { intent: 'test', callId: null },
    ]);
  });

  it('keeps the bytes of what cannot be read, undecided', async () => {
    const raw = Buffer.from([0xff, 0x00]);
    const answer = await acceptor().accept('autocalls', raw);
    const problems = [{ path: 'body', problem: 'not valid UTF-8 text' }];
    const [event] = store.events;
    expect(answer).toEqual({
      httpStatus: 422,
      body: { status: 'quarantined', event_id: event?.id, problems },
    });
    expect(event).toMatchObject({
      intent: 'quarantined',
      callId: null,
      contact: null,
      contentHash: createHash('sha256').update(raw).digest('hex'),
      problems,
      raw,
      ruleSet: 'rules-1',
      decisions: [],
      deliveries: [],
    });
    expect(decideCall).not.toHaveBeenCalled();
  });

  it('keeps a note of a key that stands twice', async () => {
    await acceptor().accept('autocalls', Buffer.from('{"id":1,"status":"a","status":"b"}'));
    expect(store.events[0]?.problems).toMatchObject([{ path: 'status' }]);
  });

  it('wakes for each delivery that is due now, after storing, and says what is due next', async () => {
    decided.deliveries = [
      delivery('sales'),
      delivery('sales', { id: 'other' }),
      delivery('crm'),
      delivery('later', { dueAt: now + 2 }),
      delivery('soon', { dueAt: now + 1 }),
      delivery('held', { state: 'held' }),
      delivery('shadow', { state: 'shadow' }),
    ];
    wake.mockImplementationOnce(() => expect(store.events).toHaveLength(1));
    await acceptor().accept('autocalls', fixture('busy-nulls'));
    const due = [
      { destination: 'sales', id: 'd-sales-0' },
      { destination: 'sales', id: 'other-0' },
      { destination: 'crm', id: 'd-crm-0' },
    ];
    expect(wake.mock.calls).toEqual([[due, now + 1]]);
  });

  it('wakes nobody when nothing is due', async () => {
    decided.deliveries = [];
    await acceptor().accept('autocalls', fixture('busy-nulls'));
    expect(wake).not.toHaveBeenCalled();
  });

  it('tells of the decisions once for each stored event', async () => {
    const given = decided.decisions;
    for (const name of ['completed-campaign', 'completed-campaign', 'vendor-test-button-no-id'])
      await acceptor().accept('autocalls', fixture(name));
    expect(observe.mock.calls).toEqual([[given], [given]]);
  });

  it('passes on that nothing could be stored, and wakes nobody', async () => {
    store.failure = new StoreUnavailableError('disk full');
    await expect(acceptor().accept('autocalls', fixture('busy-nulls'))).rejects.toThrow(
      StoreUnavailableError,
    );
    expect(wake).not.toHaveBeenCalled();
    expect(observe).not.toHaveBeenCalled();
  });

  it('names the sources there are when asked for another', async () => {
    const accepted = acceptor().accept('typo', fixture('busy-nulls'));
    await expect(accepted).rejects.toThrow(UnknownSourceError);
    await expect(accepted).rejects.toThrow('no source is named "typo"; the configuration has autocalls');
  });
});
