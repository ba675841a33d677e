import { type LiveConfig } from '../config/live.js';
import { type Delivery, type DeliveryCommand } from '../domain/delivery.js';
import { type Clock } from '../lib/clock.js';
import { type RuleSetCache } from '../plan/rule-set-cache.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { type DeliveryFilter, type Store, type StoredEvent } from '../store/store.js';
import { commandEach, commandOne } from './command-deliveries.js';
import { unknown } from './desk-error.js';
import { explainEvent } from './explain-event.js';
import {
  type BulkOptions,
  type DeliveryQuery,
  type EventQuery,
  type PageQuery,
  type ReleaseOptions,
  type ReplayOptions,
} from './queries.js';
import { bulkFilter, deliveryFilter, eventFilter, pageOf, readPage, wrongCursor } from './read-query.js';
import { readRelease } from './read-release.js';
import { replayEach, replayEvent, type ReplayTools } from './replay-event.js';
import {
  type BulkReplayView,
  type CountView,
  type DeliveryDetails,
  deliveryDetails,
  type DeliveryView,
  deliveryView,
  type EventDetails,
  type EventView,
  eventView,
  type ExplainView,
  type ListView,
  type ReplayView,
} from './views.js';

export interface DeskParts {
  store: Store;
  live: LiveConfig;
  ruleSets: RuleSetCache;
  clock: Clock;
  /** Told which destinations have something due because a person asked: those that are open are probed. */
  wake?: (destinations: readonly string[]) => void;
  /** Why a destination takes nothing at the moment, as a delivery's reason. Default: what the configuration says. */
  laneReason?: (destination: string) => string | null;
}

/** Also spoken by a client of the admin API. */
export type DeskMethods = Pick<Desk, keyof Desk>;

/**
 * What a person can do with events and deliveries: over HTTP in a running server, by command on a store that
 * is shared or that no server has. Questions and answers are plain JSON in the words of the admin API. Every method
 * throws a `DeskError` for what cannot be done.
 */
export class Desk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Newest first. */
  async listEvents(query: EventQuery & PageQuery = {}): Promise<ListView<EventView>> {
    const { store } = this.#parts;
    const page = readPage(query);
    const filter = eventFilter(query);
    if (page.after !== undefined && !(await store.findEvent(page.after))) throw wrongCursor();
    const events = await store.listEvents({ ...filter, ...page, limit: page.limit + 1 });
    return pageOf(events, page.limit, eventView);
  }

  async showEvent(id: string): Promise<EventDetails> {
    const { store, live } = this.#parts;
    const { event, raw, bodyPrunedAt } = await this.#event(id);
    const call = bodyPrunedAt === null ? readStoredCall(live.current().config, event, raw) : null;
    const { labels, problems } = event;
    const decisions = await store.findDecisions(event.id);
    const deliveries = await this.#deliveriesOf(event.id);
    return {
      ...eventView(event),
      ...{ labels, problems, call, decisions },
      deliveries: deliveries.map((delivery) => this.#view(delivery)),
    };
  }

  /**
   * Every rule's verdict with the values its condition saw, by the rule set that decided the event.
   * @param rule only this one
   */
  async explain(id: string, rule?: string): Promise<ExplainView> {
    return explainEvent(this.#parts, await this.#event(id), rule);
  }

  /** Decides an old event anew; see the table of `settleReplay` for what becomes of its deliveries. */
  async replay(id: string, options: ReplayOptions = {}): Promise<ReplayView> {
    return replayEvent(this.#replayTools(), await this.#event(id), options);
  }

  /** Replays every event received until now that the filter matches, oldest first. */
  async replayMany(query: EventQuery, options: ReplayOptions & BulkOptions = {}): Promise<BulkReplayView> {
    return replayEach(this.#replayTools(), eventFilter(query), options);
  }

  /** Newest first. */
  async listDeliveries(query: DeliveryQuery & PageQuery = {}): Promise<ListView<DeliveryView>> {
    const { store } = this.#parts;
    const page = readPage(query);
    const filter = deliveryFilter(query);
    if (page.after !== undefined && !(await store.findDelivery(page.after))) throw wrongCursor();
    const deliveries = await store.listDeliveries({ ...filter, ...page, limit: page.limit + 1 });
    return pageOf(deliveries, page.limit, (delivery) => this.#view(delivery));
  }

  async showDelivery(id: string): Promise<DeliveryDetails> {
    const delivery = await this.#delivery(id);
    const attempts = await this.#parts.store.listAttempts(delivery.id);
    return deliveryDetails(delivery, this.#view(delivery), attempts);
  }

  /** Tries a dead delivery again at once, or brings the next attempt of a pending one forward. */
  async retry(id: string): Promise<DeliveryView> {
    return this.#command(id, { do: 'retry' });
  }

  /** Lets a held delivery go, with other input if need be. */
  async release(id: string, options: ReleaseOptions = {}): Promise<DeliveryView> {
    const { config } = this.#parts.live.current();
    const changes = readRelease(options, await this.#delivery(id), config);
    return this.#command(id, { do: 'release', changes });
  }

  async cancel(id: string): Promise<DeliveryView> {
    return this.#command(id, { do: 'cancel' });
  }

  /** Without a state in the filter: what is dead. */
  async retryMany(query: DeliveryQuery, options: BulkOptions = {}): Promise<CountView> {
    return this.#commandMany(bulkFilter(query, 'retry'), { do: 'retry' }, options);
  }

  /** Everything held that the filter matches, all with the same changes. */
  async releaseMany(query: DeliveryQuery, options: ReleaseOptions & BulkOptions = {}): Promise<CountView> {
    const changes = readRelease(options, null, this.#parts.live.current().config);
    return this.#commandMany(bulkFilter(query, 'release'), { do: 'release', changes }, options);
  }

  /** Without a state in the filter: what is pending, held or dead. */
  async cancelMany(query: DeliveryQuery, options: BulkOptions = {}): Promise<CountView> {
    return this.#commandMany(bulkFilter(query, 'cancel'), { do: 'cancel' }, options);
  }

  async #command(id: string, command: DeliveryCommand): Promise<DeliveryView> {
    const { store, clock } = this.#parts;
    const delivery = await commandOne({ store, clock }, id, command);
    if (command.do !== 'cancel') this.#wake([delivery.destination]);
    return this.#view(delivery);
  }

  #commandMany(filter: DeliveryFilter, command: DeliveryCommand, options: BulkOptions): Promise<CountView> {
    const { store, clock } = this.#parts;
    const wake = (destinations: readonly string[]) => this.#wake(destinations);
    return commandEach({ store, clock, wake }, { filter, command }, options);
  }

  async #event(id: string): Promise<StoredEvent> {
    const found = await this.#parts.store.findEvent(id);
    if (!found) throw unknown('event', id);
    return found;
  }

  async #delivery(id: string): Promise<Delivery> {
    const found = await this.#parts.store.findDelivery(id);
    if (!found) throw unknown('delivery', id);
    return found;
  }

  /** Oldest first, all of them: as many as its rules have actions, and a few more after replays. */
  async #deliveriesOf(eventId: string): Promise<Delivery[]> {
    const newestFirst = await this.#parts.store.listDeliveries({ eventId, limit: 10_000 });
    return newestFirst.reverse();
  }

  #view(delivery: Delivery): DeliveryView {
    return deliveryView(delivery, (destination) => this.#laneReason(destination));
  }

  #laneReason(destination: string): string | null {
    const { live, laneReason } = this.#parts;
    const isDisabled = live.current().config.destinations.get(destination)?.enabled === false;
    return isDisabled ? 'destination_disabled' : (laneReason?.(destination) ?? null);
  }

  #wake(destinations: readonly string[]): void {
    if (destinations.length > 0) this.#parts.wake?.(destinations);
  }

  #replayTools(): ReplayTools {
    const { store, live, ruleSets, clock } = this.#parts;
    return {
      ...{ store, live, ruleSets, clock },
      deliveriesOf: (eventId) => this.#deliveriesOf(eventId),
      wake: (destinations) => this.#wake(destinations),
    };
  }
}
