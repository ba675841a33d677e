import { type Delivery } from '../domain/delivery.js';
import { type ContactFacts, type Stop } from '../store/store.js';
import { type Happening } from './contact-timeline.js';
import { type FollowUpView } from './follow-up-views.js';
import { type DeliveryView, type EventView, eventView, isoTime } from './views.js';

/** A contact that nothing may reach. */
export interface StopView {
  /** A phone number, or a mail address. */
  contact: string;
  /** Client scope; `''` where none is configured. */
  scope: string;
  since: string;
  /** Who or what asked for it. */
  reason: string;
}

/** What is known of a contact. */
export interface ContactView {
  contact: string;
  scope: string;
  /** Null: it may be reached. */
  stopped: { since: string; reason: string } | null;
  calls: number;
  missed: number;
  /** Of its last call, in the vendor's word; null where there was none, or it did not say. */
  last_status: string | null;
  last_at: string | null;
  /** How many deliveries wait for a later time. */
  open_follow_ups: number;
  /** The first of them, at most 100, the next one first. */
  follow_ups: FollowUpView[];
}

/** What became of the list. */
export interface ContactChangeView {
  contact: string;
  scope: string;
  /** As it is now. */
  stopped: boolean;
  /** False: it was so already. */
  changed: boolean;
  /** What waited to reach the contact and was taken back. */
  canceled: DeliveryView[];
}

/** Something that happened with a contact, at the time when it came in or was planned. */
export type TimelineEntry =
  { is: 'event'; at: string; event: EventView } | { is: 'delivery'; at: string; delivery: DeliveryView };

export function timelineEntry(
  happening: Happening,
  view: (delivery: Delivery) => DeliveryView,
): TimelineEntry {
  const at = isoTime(happening.at);
  if (happening.is === 'event') return { is: 'event', at, event: eventView(happening.event) };
  return { is: 'delivery', at, delivery: view(happening.delivery) };
}

export function stopView({ contact, scope, since, reason }: Stop): StopView {
  return { contact, scope, since: isoTime(since), reason };
}

export function contactView(
  { contact, scope }: { contact: string; scope: string },
  known: { stop: Stop | null; facts: ContactFacts; followUps: FollowUpView[] },
): ContactView {
  const { stop, facts, followUps } = known;
  return {
    ...{ contact, scope },
    stopped: stop === null ? null : { since: isoTime(stop.since), reason: stop.reason },
    ...{ calls: facts.calls, missed: facts.missed, last_status: facts.lastStatus },
    last_at: facts.lastAt === null ? null : isoTime(facts.lastAt),
    ...{ open_follow_ups: facts.openFollowUps, follow_ups: followUps },
  };
}
