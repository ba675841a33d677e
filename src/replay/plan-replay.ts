import { hash } from 'node:crypto';
import { type SourceConfig } from '../config/config.js';
import { type CompiledRuleSet, type LiveRuleSet } from '../config/live.js';
import { type Delivery, type PlannedDelivery } from '../domain/delivery.js';
import { type Call, type EventRecord } from '../domain/event.js';
import { REPLAYED } from '../domain/replay.js';
import { canonicalJson, ownProperty } from '../lib/json.js';
import { decideCall, type DecidedCall } from '../plan/plan-deliveries.js';
import { type EventIdentity } from '../store/store.js';
import { type ReadCall } from './read-event.js';

/** An old event about to be decided anew. */
export interface ReplayedEvent {
  event: EventRecord;
  source: SourceConfig;
  reading: ReadCall;
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
  const { event, source, reading, ruleSet } = replayed;
  const { labels, id: eventId, receivedAt } = event;
  const isTest = event.status === 'test' || reading.as === 'test';
  const decided = decideCall(ruleSet, { source, labels, eventId, receivedAt, isTest, call: reading.call });
  const endedAt = source.source.endedAt(decided.data);
  return {
    ...decided,
    deliveries: decided.deliveries.map((delivery) => asOfNow(delivery, replayed, endedAt)),
  };
}

function asOfNow(
  delivery: PlannedDelivery,
  { ruleSet, now }: ReplayedEvent,
  endedAt: number | null,
): PlannedDelivery {
  const planned = { ...delivery, dueAt: now };
  const destination = ruleSet.config.destinations.get(delivery.destination);
  if (!destination || delivery.state === 'held') return planned;
  const maxAgeMs = ruleSet.rules.get(delivery.rule)?.maxAgeMs ?? null;
  if (maxAgeMs !== null && endedAt !== null && now - endedAt > maxAgeMs)
    return { ...planned, state: 'skipped', reason: 'too_old', input: null };
  const { audience } = destination.operations[delivery.operation] ?? {};
  const isForPerson = delivery.state === 'pending' && audience === 'contact';
  return isForPerson ? { ...planned, state: 'held', reason: REPLAYED } : planned;
}

/** What a quarantined event turns out to be, now that it can be read. */
export function identityOf({ event, reading }: ReplayedEvent, { data, scope }: DecidedCall): EventIdentity {
  const phone = ownProperty(data.contact, 'phone');
  return {
    eventKind: reading.eventKind,
    callId: reading.as === 'call' && event.status !== 'test' ? reading.callId : null,
    contentHash: hash('sha256', canonicalJson(reading.content)),
    scope,
    contact: typeof phone === 'string' ? phone : null,
    problems: reading.problems ?? [],
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
  const before = materialOf(then, stored);
  return before !== null && before === materialOf(chosen, stored);
}

/** Everything that an action's text is made from, as canonical JSON; null when the rule set has no such action. */
function materialOf(
  { actions, content }: CompiledRuleSet,
  { rule, action }: { rule: string; action: string },
): string | null {
  const found = actions.get(`${rule}.${action}`)?.content;
  if (!found) return null;
  // Rule sets of 0.1 lack these; absent means the default.
  const whole = { ifUnknown: null, retryWaitsMs: null, timeoutMs: null, ordered: false, ...found };
  const written = JSON.stringify(whole);
  const { timezone, templates, tables, calendars } = content;
  // A template may include any other one, so naming one means all of them.
  const usesTemplates = Object.keys(templates).some((file) =>
    written.includes(file.replace(/\.liquid$/, '')),
  );
  return canonicalJson(
    asJson({
      whole,
      timezone,
      templates: usesTemplates ? templates : null,
      tables: named(tables, written),
      calendars: named(calendars, written),
    }),
  );
}

function named<T>(all: Record<string, T>, text: string): [string, T][] {
  return Object.entries(all).filter(([name]) => text.includes(name));
}

/** Rule sets are plain JSON by definition; their types say more. */
function asJson(value: object): Call {
  return value as Call;
}
