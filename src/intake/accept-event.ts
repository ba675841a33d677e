import { hash } from 'node:crypto';
import { type SourceConfig } from '../config/config.js';
import { type LiveRuleSet } from '../config/live.js';
import { contactOf } from '../domain/contact.js';
import { causeOf } from '../domain/loop-guard.js';
import { type Decision } from '../domain/decision.js';
import { type PlannedDelivery } from '../domain/delivery.js';
import { type Problem } from '../domain/event.js';
import { type Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import { canonicalJson } from '../lib/json.js';
import { type DeliveryQueue, type WakeUp, wakeUpId } from '../queue/queue.js';
import { type AcceptResult, type NewEvent, type Store } from '../store/store.js';
import { phoneOf } from '../plan/contact-of-call.js';
import { type Background, findBackground } from '../plan/find-background.js';
import { decideCall } from '../plan/plan-deliveries.js';
import { scopeOf } from '../plan/scope-of.js';
import { type ReadCall } from '../sources/source.js';
import { type StoredCall } from './take-back-follow-ups.js';

/** What became of a webhook, as the sender is told. */
export interface AcceptAnswer {
  httpStatus: 200 | 202 | 422;
  body: {
    status: AcceptResult['status'];
    event_id: string;
    /** Live rules that fired; left out for `quarantined`. */
    fired?: string[];
    /** Why nothing could be read; only for `quarantined`. */
    problems?: Problem[];
  };
}

export interface AcceptOptions {
  /** Merged over the labels of the source. */
  labels?: Record<string, string>;
  /** Content-Type as received; kept beside the bytes, it decides nothing. */
  contentType?: string | null;
}

export class UnknownSourceError extends Error {
  override readonly name = 'UnknownSourceError';
  constructor(source: string, known: Iterable<string>) {
    super(
      `no source is named ${JSON.stringify(source)}; the configuration has ${[...known].join(', ') || 'none'}`,
    );
  }
}

export interface EventAcceptorParts {
  store: Pick<Store, 'accept' | 'contactFacts' | 'findChain'>;
  /** Told of every call that was stored. */
  onCall?: (call: StoredCall) => void;
  live: { current(): LiveRuleSet };
  queue: Pick<DeliveryQueue, 'wake'>;
  clock: Clock;
  /** Told of the decisions of every stored event; not of a duplicate's, which were told before. */
  observe?: (decisions: readonly Decision[]) => void;
}

/** One webhook on its way in. */
interface Received {
  live: LiveRuleSet;
  source: SourceConfig;
  labels: Record<string, string>;
  eventId: string;
  receivedAt: number;
  raw: Uint8Array;
  contentType: string | null;
}

/** Takes webhooks in: read, decide, plan, store in one transaction, wake. */
export class EventAcceptor {
  readonly #parts: EventAcceptorParts;

  constructor(parts: EventAcceptorParts) {
    this.#parts = parts;
  }

  /**
   * Takes the bytes of one webhook. When this resolves, the event, its decisions and its deliveries are on disk.
   * @throws {UnknownSourceError} for a source that the configuration does not have;
   * {@link StoreUnavailableError} when it could not be stored (nothing was).
   */
  async accept(sourceName: string, bytes: Uint8Array, options: AcceptOptions = {}): Promise<AcceptAnswer> {
    const received = this.#receive(sourceName, bytes, options);
    const reading = received.source.source.read(bytes);
    return reading.as === 'unreadable'
      ? this.#quarantine(received, reading.problems)
      : this.#acceptCall(received, reading);
  }

  /** One snapshot of the configuration for the whole event, whatever is swapped in meanwhile. */
  #receive(sourceName: string, raw: Uint8Array, { labels, contentType = null }: AcceptOptions): Received {
    const live = this.#parts.live.current();
    const source = live.config.sources.get(sourceName);
    if (!source) throw new UnknownSourceError(sourceName, live.config.sources.keys());
    const receivedAt = this.#parts.clock.now();
    const eventId = newId(receivedAt);
    return { live, source, labels: { ...source.labels, ...labels }, eventId, receivedAt, raw, contentType };
  }

  async #acceptCall(received: Received, reading: ReadCall): Promise<AcceptAnswer> {
    const { live, source, labels, eventId, receivedAt } = received;
    const isTest = reading.as === 'test';
    const background = await this.#findBackground(received, reading);
    const { contactFacts, causedBy } = background;
    const decided = decideCall(live, {
      ...{ source, labels, eventId, receivedAt, isTest, call: reading.call },
      ...{ contactFacts, causedBy },
    });
    const { decisions, deliveries } = decided;
    const event = newEvent(received, {
      intent: reading.as,
      eventKind: reading.eventKind,
      callId: reading.as === 'call' ? reading.callId : null,
      contentHash: hash('sha256', canonicalJson(reading.content)),
      scope: decided.scope,
      contact: phoneOf(decided.data),
      problems: reading.problems ?? [],
      cause: background.cause,
      root: background.root,
      result: source.source.result(reading.call),
      decisions,
      deliveries,
    });
    const result = await this.#parts.store.accept(event);
    if (result.status === 'duplicate')
      return {
        httpStatus: 200,
        body: { status: 'duplicate', event_id: result.eventId, fired: result.fired },
      };
    this.#wake(deliveries, receivedAt);
    this.#parts.observe?.(decisions);
    const { scope, contact } = event;
    if (!isTest) this.#parts.onCall?.({ eventId, scope, contact, receivedAt, decisions, data: decided.data });
    const { status, eventId: event_id } = result;
    return { httpStatus: 202, body: { status, event_id, fired: firedRules(decisions) } };
  }

  #findBackground({ live, source, labels, receivedAt }: Received, reading: ReadCall): Promise<Background> {
    const cause = reading.as === 'call' ? causeOf(reading.call) : null;
    return findBackground(this.#parts.store, live, cause, () => ({
      ...{ scope: scopeOf(live.config, labels), contact: contactOf(reading.call.customer_phone).phone },
      ...{ source: source.name, callId: reading.as === 'call' ? reading.callId : null, receivedAt },
      isMissed: source.source.result(reading.call).isMissed,
    }));
  }

  /** The bytes are kept: what cannot be read today may be read by a later version. */
  async #quarantine(received: Received, problems: Problem[]): Promise<AcceptAnswer> {
    const event = newEvent(received, {
      intent: 'quarantined',
      eventKind: 'unreadable',
      callId: null,
      contentHash: hash('sha256', received.raw),
      scope: '',
      contact: null,
      problems,
      cause: null,
      root: null,
      result: { status: null, isMissed: false },
      decisions: [],
      deliveries: [],
    });
    const { eventId } = await this.#parts.store.accept(event);
    return { httpStatus: 422, body: { status: 'quarantined', event_id: eventId, problems } };
  }

  #wake(deliveries: readonly PlannedDelivery[], now: number): void {
    const due: WakeUp[] = [];
    let nextDueAt: number | undefined;
    for (const { id, state, dueAt, destination, needs } of deliveries) {
      // What needs others is woken for when they are delivered.
      if (state !== 'pending' || needs.length > 0) continue;
      if (dueAt <= now) due.push({ destination, id: wakeUpId(id, 0) });
      else nextDueAt = Math.min(nextDueAt ?? dueAt, dueAt);
    }
    if (due.length > 0 || nextDueAt !== undefined) this.#parts.queue.wake(due, nextDueAt);
  }
}

/** What reading and deciding add to the circumstances in which an event came. */
type EventContent = Pick<
  NewEvent,
  'intent' | 'eventKind' | 'callId' | 'contentHash' | 'scope' | 'contact' | 'problems'
> &
  Pick<NewEvent, 'cause' | 'root' | 'result' | 'decisions' | 'deliveries'>;

/** Field by field: a spread followed by further names takes several microseconds, for every event. */
function newEvent(received: Received, content: EventContent): NewEvent {
  return {
    id: received.eventId,
    source: received.source.name,
    receivedAt: received.receivedAt,
    labels: received.labels,
    contentType: received.contentType,
    raw: received.raw,
    ruleSet: received.live.fingerprint,
    intent: content.intent,
    eventKind: content.eventKind,
    callId: content.callId,
    contentHash: content.contentHash,
    scope: content.scope,
    contact: content.contact,
    problems: content.problems,
    cause: content.cause,
    root: content.root,
    result: content.result,
    decisions: content.decisions,
    deliveries: content.deliveries,
  };
}

function firedRules(decisions: readonly Decision[]): string[] {
  return decisions.filter(({ verdict, shadow }) => verdict === 'fired' && !shadow).map(({ rule }) => rule);
}
