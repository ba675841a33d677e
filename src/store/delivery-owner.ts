import { type PlannedDelivery } from '../domain/delivery.js';

/** What a delivery takes over from its event, and when it is planned. */
export interface DeliveryOwner {
  eventId: string;
  scope: string;
  contact: string | null;
  ruleSet: string;
  now: number;
}

/** A planned delivery, and the one of an earlier revision whose text it is compared with. */
export interface PlannedWith {
  delivery: PlannedDelivery;
  supersedes: string | null;
}
