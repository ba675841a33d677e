import { type DeskTools } from './desk-tools.js';
import {
  placeBehind,
  readPlace,
  type ScopedContact,
  timelineCursor,
  timelineOf,
  type TimelinePlace,
} from './contact-timeline.js';
import {
  type ContactChangeView,
  contactView,
  type ContactView,
  stopView,
  type StopView,
  type TimelineEntry,
  timelineEntry,
} from './contact-views.js';
import { type FollowUpView, followUpView } from './follow-up-views.js';
import { type PageQuery, type ScopeQuery } from './queries.js';
import { readContact, readScope } from './read-contact.js';
import { followUpFilter, readPage, wrongCursor } from './read-query.js';
import { type DeliveryView, type ListView } from './views.js';

/** Who took a contact off or onto the list: somebody at the desk. */
const BY_PERSON = 'by_person';

/** So many open follow-ups of one contact are shown at the most. */
const SHOWN_FOLLOW_UPS = 100;

/** What a person can know of a contact and decide about it. A contact is a phone number or a mail address. */
export class ContactDesk {
  constructor(private readonly tools: DeskTools) {}

  /** Whether it may be reached, what its calls came to, and what waits for it. */
  async show(contact: string, query: ScopeQuery = {}): Promise<ContactView> {
    const { store, clock } = this.tools;
    const who = this.#who(contact, query);
    // One that was kept before clients were told apart holds for all of them.
    const stop = (await store.findStop(who.scope, who.contact)) ?? (await store.findStop('', who.contact));
    const facts = await store.contactFacts({ ...who, now: clock.now(), windowsMs: [], except: null });
    return contactView(who, { stop, facts, followUps: await this.#followUpsOf(who) });
  }

  /** Its events and deliveries in one list, newest first. */
  async timeline(contact: string, query: ScopeQuery & PageQuery = {}): Promise<ListView<TimelineEntry>> {
    const { store, view } = this.tools;
    const who = this.#who(contact, query);
    const { limit, after } = readPage(query);
    const place = readPlace(after);
    await this.#checkPlace(place);
    const found = await timelineOf(store, who, place, limit + 1);
    const shown = found.slice(0, limit);
    const next = found.length > limit ? timelineCursor(placeBehind(shown, place)) : null;
    return { items: shown.map((one) => timelineEntry(one, view)), next };
  }

  /** Nothing reaches the contact any more, and what waits to is taken back. */
  async stop(contact: string, query: ScopeQuery = {}): Promise<ContactChangeView> {
    return this.#change('stop', this.#who(contact, query));
  }

  /** It may be reached again. What was taken back stays so. */
  async allow(contact: string, query: ScopeQuery = {}): Promise<ContactChangeView> {
    return this.#change('allow', this.#who(contact, query));
  }

  /** The list of those that nothing may reach, newest first. */
  async stops(query: ScopeQuery & Pick<PageQuery, 'limit'> = {}): Promise<ListView<StopView>> {
    const { limit } = readPage(query);
    const stops = await this.tools.store.listStops({ scope: this.#scope(query), limit });
    return { items: stops.map(stopView), next: null };
  }

  async #change(what: 'stop' | 'allow', who: ScopedContact): Promise<ContactChangeView> {
    const { store, clock } = this.tools;
    const result = await store.changeStop({ do: what, ...who, reason: BY_PERSON }, clock.now());
    return {
      ...{ contact: who.contact, scope: who.scope, stopped: what === 'stop', changed: result.changed },
      canceled: await this.#views(result.canceled),
    };
  }

  async #followUpsOf({ contact, scope }: ScopedContact): Promise<FollowUpView[]> {
    const { store, clock, view } = this.tools;
    const filter = followUpFilter({ contact, scope }, clock.now());
    const waiting = await store.listDeliveries({ ...filter, limit: SHOWN_FOLLOW_UPS });
    return waiting.sort((a, b) => a.dueAt - b.dueAt).map((one) => followUpView(one, view(one)));
  }

  /** Retention may have taken one of them by now. */
  async #views(ids: readonly string[]): Promise<DeliveryView[]> {
    const found = await Promise.all(ids.map((id) => this.tools.store.findDelivery(id)));
    return found.flatMap((delivery) => (delivery === null ? [] : [this.tools.view(delivery)]));
  }

  async #checkPlace({ event, delivery }: TimelinePlace): Promise<void> {
    const { store } = this.tools;
    if (event !== null && !(await store.findEvent(event))) throw wrongCursor();
    if (delivery !== null && !(await store.findDelivery(delivery))) throw wrongCursor();
  }

  #who(contact: string, query: ScopeQuery): ScopedContact {
    return { scope: this.#scope(query), contact: readContact(contact) };
  }

  #scope({ scope }: ScopeQuery): string {
    return readScope(this.tools.live.current().config, scope);
  }
}
