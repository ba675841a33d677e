import { type Delivery, type DeliveryCommand, NOT_YET } from '../domain/delivery.js';
import { type DeliveryFilter } from '../store/store.js';
import { commandEach, commandOne } from './command-deliveries.js';
import { deliveryPage, deliveryPages } from './delivery-pages.js';
import { DeskError, unknown } from './desk-error.js';
import { type DeskTools } from './desk-tools.js';
import { type FollowUpView, followUpView } from './follow-up-views.js';
import { type BulkOptions, type FollowUpQuery, type PageQuery, type SnoozeOptions } from './queries.js';
import { followUpFilter } from './read-query.js';
import { readSnooze, type Snooze } from './read-snooze.js';
import { eachTogether } from './together.js';
import { type CountView, type DeliveryView, type ListView } from './views.js';

/** What a person can do with what is due later. */
export class FollowUpDesk {
  constructor(private readonly tools: DeskTools) {}

  /** Newest first, by when they were planned. */
  async list(query: FollowUpQuery & PageQuery = {}): Promise<ListView<FollowUpView>> {
    const { store, view } = this.tools;
    return deliveryPage(store, this.#filter(query), query, (one) => followUpView(one, view(one)));
  }

  /** Takes it back for good. */
  async cancel(id: string): Promise<DeliveryView> {
    return this.#command(await this.#find(id), { do: 'cancel' });
  }

  /** Puts it off. The gates are asked then as they would have been at its own time. */
  async snooze(id: string, options: SnoozeOptions): Promise<DeliveryView> {
    const snooze = this.#readSnooze(options);
    const delivery = await this.#findTimed(id);
    return this.#command(delivery, { do: 'snooze', until: snooze(delivery.dueAt) });
  }

  /** Sends it at once, whatever its window says; whom it may reach is asked all the same. */
  async runNow(id: string): Promise<DeliveryView> {
    return this.#command(await this.#findTimed(id), { do: 'retry' });
  }

  async cancelMany(query: FollowUpQuery, options: BulkOptions = {}): Promise<CountView> {
    return commandEach(this.tools, { filter: this.#filter(query), command: { do: 'cancel' } }, options);
  }

  async snoozeMany(query: FollowUpQuery, options: SnoozeOptions & BulkOptions): Promise<CountView> {
    const { dry_run = false, ...by } = options;
    const snooze = this.#readSnooze(by);
    const filter = this.#filter(query);
    return {
      count: dry_run ? await this.tools.store.countMatching(filter) : await this.#putOff(filter, snooze),
    };
  }

  async runNowMany(query: FollowUpQuery, options: BulkOptions = {}): Promise<CountView> {
    return commandEach(this.tools, { filter: this.#filter(query), command: { do: 'retry' } }, options);
  }

  #filter(query: FollowUpQuery): DeliveryFilter {
    return followUpFilter(query, this.tools.clock.now());
  }

  #readSnooze(options: SnoozeOptions): Snooze {
    const { live, clock } = this.tools;
    return readSnooze(options, { now: clock.now(), timezone: live.current().config.timezone });
  }

  async #find(id: string): Promise<Delivery> {
    const delivery = await this.tools.store.findDelivery(id);
    if (!delivery) throw unknown('delivery', id);
    if (delivery.state === 'pending') return delivery;
    throw new DeskError('conflict', `this delivery is ${delivery.state}; a follow-up is one that is pending`);
  }

  async #findTimed(id: string): Promise<Delivery> {
    const delivery = await this.#find(id);
    if (delivery.dueAt !== NOT_YET) return delivery;
    throw new DeskError('conflict', 'this delivery waits for another action of its rule, not for a time');
  }

  async #command({ id }: Delivery, command: DeliveryCommand): Promise<DeliveryView> {
    return this.tools.view(await commandOne(this.tools, id, command));
  }

  /** One by one, because each has a time of its own. What moves meanwhile is left alone. */
  async #putOff(filter: DeliveryFilter, snooze: Snooze): Promise<number> {
    const { store, clock } = this.tools;
    let count = 0;
    for await (const page of deliveryPages(store, filter)) {
      const timed = page.filter(({ dueAt }) => dueAt !== NOT_YET);
      const results = await eachTogether(timed, ({ id, dueAt }) =>
        store.command(id, { do: 'snooze', until: snooze(dueAt) }, clock.now()),
      );
      count += results.filter(({ done }) => done).length;
    }
    return count;
  }
}
