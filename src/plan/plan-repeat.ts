import { type LiveRuleSet } from '../config/live.js';
import { type PlannedDelivery } from '../domain/delivery.js';
import { type Call } from '../domain/event.js';
import { canonicalJson, isJsonObject, ownProperty, readPath } from '../lib/json.js';
import { type ActionContent } from '../rules/rule.js';
import { phoneOf } from './contact-of-call.js';

type Repeating = Pick<PlannedDelivery, 'onRepeat' | 'once' | 'digestKey'>;

/** How often an action happens for a contact, and with what it goes out: `on_repeat`, `once_per` and `digest`. */
export function repeatingOf(live: LiveRuleSet, data: Call, action: ActionContent): Repeating {
  const hasContact = phoneOf(data) !== null;
  return {
    // Without a contact there is nobody of whom another one could wait.
    onRepeat: hasContact ? (action.onRepeat ?? null) : null,
    once: onceOf(live, data, action),
    digestKey: action.digest ? canonicalJson(groupOf(data, action.digest.by)) : null,
  };
}

/** A key names what kind it is, so that no text of a call can pass for a contact. */
function onceOf(live: LiveRuleSet, data: Call, { oncePer }: ActionContent): PlannedDelivery['once'] {
  if (!oncePer) return null;
  const { key, perMs } = oncePer;
  if (key === 'rule') return { key: 'rule', perMs };
  if (key === 'contact') {
    const phone = phoneOf(data);
    return phone === null ? null : { key: `contact ${phone}`, perMs };
  }
  const text = live.templates.parse(key.template, 'text').render(data, 'empty').text.trim();
  return text === '' ? null : { key: `text ${text}`, perMs };
}

function groupOf(data: Call, by: string | null) {
  const value = by === null ? null : (readPath(data, by) ?? null);
  // A whole object would make a group of its own of nearly every call, which nobody can have meant.
  return isJsonObject(value) ? (ownProperty(value, 'id') ?? value) : value;
}
