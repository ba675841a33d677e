import { hash } from 'node:crypto';
import { type CompiledAction, type LiveRuleSet } from '../config/live.js';
import { type PlannedDelivery } from '../domain/delivery.js';
import { type OnRepeat } from '../domain/on-repeat.js';
import { type Call } from '../domain/event.js';
import { canonicalJson, isJsonObject, type Json, ownProperty, readPath } from '../lib/json.js';
import { type ActionContent } from '../rules/rule.js';
import { phoneOf } from './contact-of-call.js';
import { type LaterCall, takesBack } from './take-back.js';

type Repeating = Pick<PlannedDelivery, 'onRepeat' | 'once' | 'digestKey'>;

/** How often an action happens for a contact, and with what it goes out: `on_repeat`, `once_per` and `digest`. */
export function repeatingOf(live: LiveRuleSet, call: LaterCall, action: CompiledAction): Repeating {
  const { content } = action;
  return {
    onRepeat: onRepeatOf(call, action),
    once: onceOf(live, call.data, content),
    digestKey: content.digest ? shortKey(canonicalJson(groupOf(call.data, content.digest.by))) : null,
  };
}

/**
 * Without a contact there is nobody of whom another one could wait. One that this very call takes back will not wait
 * any longer: it is replaced, or nothing would be left.
 */
function onRepeatOf(call: LaterCall, action: CompiledAction): OnRepeat | null {
  const policy = action.content.onRepeat ?? null;
  if (policy === null || phoneOf(call.data) === null) return null;
  return policy !== 'parallel' && takesBack(action, call) !== null ? 'replace' : policy;
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
  return text === '' ? null : { key: shortKey(`text ${text}`), perMs };
}

function groupOf(data: Call, by: string | null): Json {
  const value = by === null ? null : (readPath(data, by) ?? null);
  // A whole object would make a group of its own of nearly every call, which nobody can have meant.
  return isJsonObject(value) ? (ownProperty(value, 'id') ?? value) : value;
}

/** An index of PostgreSQL takes 2,700 bytes. */
const LONGEST_KEY = 200;

function shortKey(key: string): string {
  return key.length <= LONGEST_KEY ? key : `sha256 ${hash('sha256', key)}`;
}
