import { hash } from 'node:crypto';
import { type SourceConfig } from '../config/config.js';
import { type CompiledRuleSet, type LiveRuleSet } from '../config/live.js';
import { BUILT_IN } from '../domain/contact-list.js';
import { type Delivery, type PlannedDelivery } from '../domain/delivery.js';
import { type EventRecord } from '../domain/event.js';
import { REPLAYED } from '../domain/replay.js';
import { canonicalJson } from '../lib/json.js';
import { phoneOf } from '../plan/contact-of-call.js';
import { type Background } from '../plan/find-background.js';
import { decideCall, type DecidedCall } from '../plan/plan-deliveries.js';
import { type ActionContent } from '../rules/rule.js';
import { type ReadCall } from '../sources/source.js';
import { type EventIdentity } from '../store/store.js';
import { actionDifferences } from './compare-rules.js';

/** An old event about to be decided anew. */
export interface ReplayedEvent {
  event: EventRecord;
  source: SourceConfig;
  reading: ReadCall;
  background: Background;
  /** The chosen rules, and the destinations of today. */
  ruleSet: LiveRuleSet;
  /** Time of the replay. */
  now: number;
}

/**
 * Decides an old event anew and plans what follows as of now. Rules see the call as it was received; what is
 * planned is due at once, `max_age` counts to now, and what reaches a contact is held for a person to release.
 */
export function planReplay(replayed: ReplayedEvent): DecidedCall {
  const decided = decideAgain(replayed);
  const endedAt = replayed.source.source.endedAt(decided.data);
  return {
    ...decided,
    deliveries: decided.deliveries.map((delivery) => asOfNow(delivery, replayed, endedAt)),
  };
}

/** Decides and plans an old event by the chosen rules as if it came in when it did. */
export function decideAgain(replayed: Omit<ReplayedEvent, 'now'>): DecidedCall {
  const { event, source, reading, background, ruleSet } = replayed;
  const { labels, id: eventId, receivedAt } = event;
  const isTest = event.status === 'test' || reading.as === 'test';
  const call = { source, labels, eventId, receivedAt, isTest, call: reading.call };
  return decideCall(ruleSet, { ...call, ...background });
}

function asOfNow(
  delivery: PlannedDelivery,
  { ruleSet, now }: ReplayedEvent,
  endedAt: number | null,
): PlannedDelivery {
  // What was said of the contact was said then: an old permission lifts no stop of later, an old stop is kept to.
  if (delivery.kind === BUILT_IN) return delivery;
  const planned = { ...delivery, dueAt: now };
  const destination = ruleSet.config.destinations.get(delivery.destination);
  if (!destination || delivery.state === 'held') return planned;
  const maxAgeMs = ruleSet.rules.get(delivery.rule)?.maxAgeMs ?? null;
  if (maxAgeMs !== null && endedAt !== null && now - endedAt > maxAgeMs)
    return { ...planned, state: 'skipped', reason: 'too_old', input: null };
  const reachesContact = delivery.state === 'pending' && delivery.channel !== null;
  return reachesContact ? { ...planned, state: 'held', reason: REPLAYED } : planned;
}

/** What a quarantined event turns out to be, now that it can be read. */
export function identityOf(
  { event, source, reading, background: { cause, root } }: ReplayedEvent,
  { data, scope }: DecidedCall,
): EventIdentity {
  return {
    eventKind: reading.eventKind,
    callId: reading.as === 'call' && event.status !== 'test' ? reading.callId : null,
    contentHash: hash('sha256', canonicalJson(reading.content)),
    scope,
    contact: phoneOf(data),
    problems: reading.problems ?? [],
    ...{ cause, root, result: source.source.result(reading.call) },
  };
}

/** True when the rule set plans for this action just what the stored delivery was planned to send. */
export function isUnchanged(
  stored: Delivery,
  planned: PlannedDelivery | undefined,
  then: CompiledRuleSet | null,
  chosen: CompiledRuleSet,
): boolean {
  if (!planned || !then) return false;
  const isSameTarget =
    stored.destination === planned.destination &&
    stored.kind === planned.kind &&
    stored.operation === planned.operation;
  if (!isSameTarget || then.fingerprint === chosen.fingerprint) return isSameTarget;
  const [before, after] = [actionOf(then, stored), actionOf(chosen, stored)];
  if (!before || !after) return false;
  return actionDifferences(before, after, { before: then.content, after: chosen.content }).length === 0;
}

function actionOf({ actions }: CompiledRuleSet, { rule, action }: Delivery): ActionContent | undefined {
  return actions.get(`${rule}.${action}`)?.content;
}
