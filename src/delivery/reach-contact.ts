import { type Operation } from '../adapters/adapter.js';
import { type Config } from '../config/config.js';
import { type CompiledAction, type CompiledRuleSet } from '../config/live.js';
import { type ContactQuestion } from '../domain/contact-gate.js';
import { contactKey } from '../domain/contact-list.js';
import { type ContactChannel } from '../domain/contact-limits.js';
import { type ContactZone } from '../domain/contact-zone.js';
import { asPhone } from '../domain/contact.js';
import { type ReleaseChanges, type StoredReason } from '../domain/delivery.js';
import { type Call } from '../domain/event.js';
import { zonesOfPhone } from '../domain/phone-zones.js';
import { isJsonObject, type Json, type JsonObject, ownProperty, readPath } from '../lib/json.js';
import { contactZoneOf } from '../plan/contact-zone-of.js';
import { windowOf } from '../plan/plan-timing.js';
import { readStoredCall } from '../plan/read-stored-call.js';
import { type ClaimedDelivery, type ReachResult } from '../store/store.js';
import { ignoresWindow } from './judge-lateness.js';
import { type SendTools } from './send-tools.js';

/** What is about to be sent to a contact. */
export interface Reaching {
  ruleSet: CompiledRuleSet;
  action: CompiledAction;
  operation: Operation;
  channel: ContactChannel;
  input: JsonObject;
  receipts: JsonObject;
  seenUntil: string | undefined;
}

type Verdict = ReachResult | { is: 'held'; reason: StoredReason };

/**
 * The one gate before everything that reaches a contact, asked right before every attempt. What only the store knows
 * (the list, and whom we reached) is looked at there, in the transaction that lets it go.
 */
export async function reachContact(
  tools: SendTools,
  claimed: ClaimedDelivery,
  reaching: Reaching,
): Promise<Verdict> {
  const { delivery, event, raw } = claimed;
  const { config } = tools.live.current();
  const data = readStoredCall(config, event, raw);
  if (data === null) return { is: 'held', reason: 'event_unreadable' };
  const contacts = contactsOf(reaching, delivery.contact);
  if (contacts.length === 0) return { is: 'held', reason: 'no_contact' };
  return tools.store.reach({
    ...{ id: delivery.id, fence: delivery.fence, scope: delivery.scope, contacts },
    ...{ input: JSON.stringify(reaching.input), seenUntil: reaching.seenUntil },
    question: questionOf(tools, claimed, reaching, { data, contacts }),
    chain: chainOf(claimed, reaching.channel, config),
  });
}

/** All whom an input reaches, and the contact of the call: who asked not to be reached means every number of theirs. */
function contactsOf({ operation, input }: Reaching, contact: string | null): string[] {
  const addresses = operation.reaches?.addresses?.(input) ?? [];
  const texts = [contact, ...addresses].filter((one) => typeof one === 'string' && one.trim() !== '');
  return [...new Set(texts.map((text) => keyOf(text as string)))];
}

function keyOf(address: string): string {
  return contactKey((address.includes('@') ? null : asPhone(address, null)) ?? address);
}

function questionOf(
  { live, clock }: SendTools,
  claimed: ClaimedDelivery,
  reaching: Reaching,
  { data, contacts }: { data: Call; contacts: readonly string[] },
): Omit<ContactQuestion, 'stopped' | 'reached'> {
  const { config } = live.current();
  const { delivery, event } = claimed;
  const source = config.sources.get(event.source);
  const { content } = reaching.action;
  const window = source ? windowOf(reaching.ruleSet, { source, data }, content.during ?? []) : null;
  const country = ownProperty(data.contact, 'country');
  return {
    now: clock.now(),
    channel: reaching.channel,
    zone: zoneOf(config, claimed, data, { contacts, receipts: reaching.receipts }),
    country: typeof country === 'string' ? country : null,
    hours: config.contactHours,
    // Brought forward, its own window does not count; the contact's hours do.
    windows: window === null || ignoresWindow(delivery, content.late) ? [] : [window],
    limits: config.contactLimits,
    consent: consentOf(config, data, hasAnsweredConsent(delivery)),
    endedAt: source?.source.endedAt(data) ?? null,
    receivedAt: event.receivedAt,
    maxAgeMs: config.contactMaxAgeMs,
  };
}

/** The contact's, and those of every other number that is reached: the hour must suit all of them. */
function zoneOf(
  config: Config,
  { event }: ClaimedDelivery,
  data: Call,
  { contacts, receipts }: { contacts: readonly string[]; receipts: JsonObject },
): ContactZone | null {
  const source = config.sources.get(event.source);
  if (!source) return null;
  const { zone } = contactZoneOf(config, { source, data }, { crm: zoneInReceipts(receipts) });
  // What is said of the contact says nothing of another number that is reached.
  const others = contacts.filter((contact) => contact !== event.contact);
  const zones = [...new Set([...(zone?.zones ?? []), ...others.flatMap((contact) => zonesOfPhone(contact))])];
  return zones.length > 0 ? { zones, from: zone?.from ?? 'phone' } : null;
}

/** A CRM that knows where the contact is leaves it in its receipt. */
function zoneInReceipts(receipts: JsonObject): Json | undefined {
  for (const receipt of Object.values(receipts)) {
    const zone = isJsonObject(receipt) ? receipt.timezone : undefined;
    if (typeof zone === 'string' && zone !== '') return zone;
  }
  return undefined;
}

const YES: readonly Json[] = [true, 1, 'true', 'yes', '1'];

/** As `match` compares them: values come from a language model or a form. Empty counts as missing. */
function consentOf({ consentPath }: Config, data: Call, isAnswered: boolean): ContactQuestion['consent'] {
  if (consentPath === null) return 'not_required';
  const value = readPath(data, consentPath);
  const plain = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (plain === undefined || plain === null || plain === '') return isAnswered ? true : 'missing';
  return YES.includes(plain);
}

/** Somebody released it when it was held for just that. A no of the call stays a no. */
function hasAnsweredConsent({ release }: ClaimedDelivery['delivery']): boolean {
  return release !== null && (JSON.parse(release) as ReleaseChanges).consent === true;
}

/** Only calls cause calls. The tries of one action count once: `call_tries` is their limit. */
function chainOf({ delivery, event }: ClaimedDelivery, channel: ContactChannel, { maxChain }: Config) {
  if (channel !== 'call' || delivery.tryNumber > 1) return null;
  return { root: event.root ?? event.id, max: maxChain };
}
