import { type Delivery } from '../domain/delivery.js';
import { type DeliveryView } from './views.js';

/** A delivery that is pending and due later. */
export interface FollowUpView extends DeliveryView {
  /** Phone number of the person called, or null. */
  contact: string | null;
  /** Client scope; `''` where none is configured. */
  scope: string;
  /** Fingerprint of the rule set that planned it. */
  rule_set: string;
}

export function followUpView(delivery: Delivery, view: DeliveryView): FollowUpView {
  const { contact, scope, ruleSet } = delivery;
  return { ...view, contact, scope, rule_set: ruleSet };
}
