import { type Delivery, type DeliveryCommand } from '../domain/delivery.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { type StoredEvent } from '../store/store.js';
import { commandEach, commandOne } from './command-deliveries.js';
import { ContactDesk } from './contact-desk.js';
import { deliveryPage } from './delivery-pages.js';
import { unknown } from './desk-error.js';
import { type DeskParts, type DeskTools, deskTools } from './desk-tools.js';
import { explainEvent } from './explain-event.js';
import { FollowUpDesk } from './follow-up-desk.js';
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
import { RuleDesk } from './rule-desk.js';
import {
  type BulkReplayView,
  type CountView,
  type DeliveryDetails,
  deliveryDetails,
  type DeliveryView,
  type EventDetails,
  type EventView,
  eventView,
  type ExplainView,
  type ListView,
  type ReplayView,
} from './views.js';

type Methods<Part> = Pick<Part, keyof Part>;
type Room = 'followUps' | 'contacts' | 'rules';

/** Also spoken by a client of the admin API. */
export type DeskMethods = Methods<Omit<Desk, Room>> & { [Name in Room]: Methods<Desk[Name]> };

/**
 * What a person can do with events and deliveries: over HTTP in a running server, by command on a store that
 * is shared or that no server has. Questions and answers are plain JSON in the words of the admin API. Every method
 * throws a `DeskError` for what cannot be done.
 */
export class Desk {
  readonly #tools: DeskTools;
  readonly followUps: FollowUpDesk;
  readonly contacts: ContactDesk;
  readonly rules: RuleDesk;

  constructor(parts: DeskParts) {
    this.#tools = deskTools(parts);
    this.followUps = new FollowUpDesk(this.#tools);
    this.contacts = new ContactDesk(this.#tools);
    this.rules = new RuleDesk(this.#tools);
  }

  /** Newest first. */
  async listEvents(query: EventQuery & PageQuery = {}): Promise<ListView<EventView>> {
    const { store } = this.#tools;
    const page = readPage(query);
    const filter = eventFilter(query);
    if (page.after !== undefined && !(await store.findEvent(page.after))) throw wrongCursor();
    const events = await store.listEvents({ ...filter, ...page, limit: page.limit + 1 });
    return pageOf(events, page.limit, eventView);
  }

  async showEvent(id: string): Promise<EventDetails> {
    const { store, live } = this.#tools;
    const { event, raw, bodyPrunedAt } = await this.#event(id);
    const call = bodyPrunedAt === null ? readStoredCall(live.current().config, event, raw) : null;
    const { labels, problems } = event;
    const decisions = await store.findDecisions(event.id);
    const deliveries = await this.#deliveriesOf(event.id);
    return {
      ...eventView(event),
      ...{ labels, problems, call, decisions },
      deliveries: deliveries.map(this.#tools.view),
    };
  }

  /**
   * Every rule's verdict with the values its condition saw, by the rule set that decided the event.
   * @param rule only this one
   */
  async explain(id: string, rule?: string): Promise<ExplainView> {
    return explainEvent(this.#tools, await this.#event(id), rule);
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
    return deliveryPage(this.#tools.store, deliveryFilter(query), query, this.#tools.view);
  }

  async showDelivery(id: string): Promise<DeliveryDetails> {
    const delivery = await this.#delivery(id);
    const attempts = await this.#tools.store.listAttempts(delivery.id);
    return deliveryDetails(delivery, this.#tools.view(delivery), attempts);
  }

  /** Tries a dead delivery again at once, or brings the next attempt of a pending one forward. */
  async retry(id: string): Promise<DeliveryView> {
    return this.#command(id, { do: 'retry' });
  }

  /** Lets a held delivery go, with other input if need be. */
  async release(id: string, options: ReleaseOptions = {}): Promise<DeliveryView> {
    const { config } = this.#tools.live.current();
    const changes = readRelease(options, await this.#delivery(id), config);
    return this.#command(id, { do: 'release', changes });
  }

  async cancel(id: string): Promise<DeliveryView> {
    return this.#command(id, { do: 'cancel' });
  }

  /** Without a state in the filter: what is dead. */
  async retryMany(query: DeliveryQuery, options: BulkOptions = {}): Promise<CountView> {
    return commandEach(
      this.#tools,
      { filter: bulkFilter(query, 'retry'), command: { do: 'retry' } },
      options,
    );
  }

  /** Everything held that the filter matches, all with the same changes. */
  async releaseMany(query: DeliveryQuery, options: ReleaseOptions & BulkOptions = {}): Promise<CountView> {
    const changes = readRelease(options, null, this.#tools.live.current().config);
    return commandEach(
      this.#tools,
      { filter: bulkFilter(query, 'release'), command: { do: 'release', changes } },
      options,
    );
  }

  /** Without a state in the filter: what is pending, held or dead. */
  async cancelMany(query: DeliveryQuery, options: BulkOptions = {}): Promise<CountView> {
    return commandEach(
      this.#tools,
      { filter: bulkFilter(query, 'cancel'), command: { do: 'cancel' } },
      options,
    );
  }

  async #command(id: string, command: DeliveryCommand): Promise<DeliveryView> {
    return this.#tools.view(await commandOne(this.#tools, id, command));
  }

  async #event(id: string): Promise<StoredEvent> {
    const found = await this.#tools.store.findEvent(id);
    if (!found) throw unknown('event', id);
    return found;
  }

  async #delivery(id: string): Promise<Delivery> {
    const found = await this.#tools.store.findDelivery(id);
    if (!found) throw unknown('delivery', id);
    return found;
  }

  /** Oldest first, all of them: as many as its rules have actions, and a few more after replays. */
  async #deliveriesOf(eventId: string): Promise<Delivery[]> {
    const newestFirst = await this.#tools.store.listDeliveries({ eventId, limit: 10_000 });
    return newestFirst.reverse();
  }

  #replayTools(): ReplayTools {
    return { ...this.#tools, deliveriesOf: (eventId) => this.#deliveriesOf(eventId) };
  }
}
