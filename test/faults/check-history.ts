import {
  type Expectations,
  type Findings,
  type History,
  type SeenRequest,
  type StoredAttempt,
  type StoredDelivery,
  type StoredEvent,
} from './history.js';

/** A destination's clock is read a moment after the request came. */
const LEEWAY_MS = 5;
const FINAL = ['delivered', 'dead', 'canceled', 'skipped', 'shadow'];

/** Proves the promises on one history; every list that is not empty names what breaks them. */
export function checkHistory(history: History): Findings {
  const findings: Findings = { lost: [], doubledKeyed: [], doubledUnkeyed: [], violations: [] };
  const index = indexOf(history);
  checkAnswers(history, index, findings);
  checkPlans(history, index, findings);
  checkStates(history, index, findings);
  for (const requests of index.seen.values()) checkRequests(history, index, requests, findings);
  checkLedger(history, index, findings);
  checkHoldOff(history, findings);
  return findings;
}

/** Nothing lost, nothing done twice where a key prevents it, no promise broken. */
export function holds({ lost, doubledKeyed, violations }: Findings): boolean {
  return lost.length + doubledKeyed.length + violations.length === 0;
}

interface Index {
  eventsByCall: Map<string, StoredEvent[]>;
  callOf: Map<string, string>;
  deliveriesByEvent: Map<string, StoredDelivery[]>;
  /** By call and destination. */
  delivery: Map<string, StoredDelivery>;
  attempts: Map<string, StoredAttempt[]>;
  /** By call and destination. */
  seen: Map<string, SeenRequest[]>;
}

function indexOf({ events, deliveries, attempts, seen }: History): Index {
  const callOf = new Map(events.map(({ id, callId }) => [id, callId]));
  const key = (callId: string, destination: string) => `${callId} ${destination}`;
  return {
    callOf,
    eventsByCall: groupBy(events, ({ callId }) => callId),
    deliveriesByEvent: groupBy(deliveries, ({ eventId }) => eventId),
    delivery: new Map(deliveries.map((one) => [key(callOf.get(one.eventId) ?? '', one.destination), one])),
    attempts: groupBy(attempts, ({ deliveryId }) => deliveryId),
    seen: groupBy(seen, ({ callId, destination }) => key(callId, destination)),
  };
}

/** Every 2xx stands in the store exactly once, byte for byte. */
function checkAnswers({ answered, expectations }: History, index: Index, found: Findings): void {
  for (const { callId, hash } of answered) {
    const [event, ...more] = index.eventsByCall.get(callId) ?? [];
    if (more.length > 0) found.violations.push(`call ${callId} is stored ${more.length + 1} times`);
    if (event === undefined && expectations.mayBeGone?.has(callId) === true)
      checkGone(callId, expectations, index, found);
    else if (event === undefined)
      found.lost.push(`call ${callId} was answered with 2xx and is not in the store`);
    if (event !== undefined && event.hash !== null && event.hash !== hash)
      found.violations.push(`call ${callId} is stored with other bytes than were posted`);
  }
}

/** Retention removes nothing that is still to be sent. */
function checkGone(callId: string, expectations: Expectations, index: Index, found: Findings): void {
  for (const action of expectations.firedFor(callId)) {
    const destination = expectations.destinationOf?.[action] ?? '';
    if (!index.seen.has(`${callId} ${destination}`))
      found.lost.push(`call ${callId} was removed before ${action} was sent`);
  }
}

/** Every action of a fired rule has exactly one delivery, and nothing else has one. */
function checkPlans({ events, deliveries, attempts, expectations }: History, index: Index, found: Findings) {
  for (const { id, callId } of events) {
    const planned = groupBy(index.deliveriesByEvent.get(id) ?? [], (one) => `${one.rule}.${one.action}`);
    const fired = expectations.firedFor(callId);
    for (const action of fired)
      if (!planned.has(action)) found.lost.push(`call ${callId} has no delivery for ${action}`);
    for (const [action, those] of planned) {
      if (!fired.includes(action)) found.violations.push(`call ${callId} has ${action}, which no rule fired`);
      if (those.length > 1)
        found.violations.push(`call ${callId} has ${those.length} deliveries for ${action}`);
    }
  }
  for (const { id, eventId } of deliveries)
    if (!index.callOf.has(eventId)) found.violations.push(`delivery ${id} belongs to no event`);
  const ids = new Set(deliveries.map(({ id }) => id));
  for (const deliveryId of new Set(attempts.map((attempt) => attempt.deliveryId)))
    if (!ids.has(deliveryId)) found.violations.push(`attempts at ${deliveryId} belong to no delivery`);
}

/** Every delivery is final or has a time in the future at which it goes on. */
function checkStates({ deliveries, expectations, now }: History, index: Index, found: Findings): void {
  for (const delivery of deliveries) {
    const { state, destination, dueAt } = delivery;
    const waits = state === 'pending' && dueAt > now;
    if (!FINAL.includes(state) && !waits) found.lost.push(`${name(index, delivery)} is left ${state}`);
    if (state === 'dead' && !expectations.mayDie.has(destination))
      found.lost.push(`${name(index, delivery)} is dead`);
  }
}

/** Requests of one call at one destination: asked for, under one key, with one effect, always the same bytes. */
function checkRequests(history: History, index: Index, requests: SeenRequest[], found: Findings): void {
  const [{ callId, destination } = { callId: '', destination: '' }] = requests;
  const delivery = index.delivery.get(`${callId} ${destination}`);
  if (history.expectations.mayBeGone?.has(callId) === true && delivery === undefined) return;
  if (delivery === undefined)
    return void found.violations.push(`${destination} was sent call ${callId}, which nothing asked for`);
  const what = name(index, delivery);
  if (history.expectations.keyed.has(destination)) checkKeys(delivery, requests, what, found);
  else checkRepeats(history, index, delivery, requests, found);
  const hashes = new Set(requests.map(({ hash }) => hash));
  const event = index.eventsByCall.get(callId)?.[0];
  const isForwarded = history.expectations.forwarded.has(destination) && event?.hash;
  if (hashes.size > 1) found.violations.push(`${what} was sent with ${hashes.size} different bodies`);
  else if (isForwarded && !hashes.has(event.hash ?? ''))
    found.violations.push(`${what} was sent with other bytes than are stored`);
}

function checkKeys(delivery: StoredDelivery, requests: SeenRequest[], what: string, found: Findings): void {
  const foreign = requests.filter(({ key }) => key === null || !key.includes(delivery.id));
  if (foreign.length > 0) found.violations.push(`${what} was sent ${foreign.length} times under another key`);
  const effects = new Set(requests.filter(({ taken }) => taken).map(({ key }) => key));
  if (effects.size > 1) found.doubledKeyed.push(`${what} had ${effects.size} effects`);
}

/** A repeat needs a reason: an attempt that ended unknown, or a kill while it was being sent. */
function checkRepeats(
  { doubts }: History,
  index: Index,
  delivery: StoredDelivery,
  requests: SeenRequest[],
  found: Findings,
): void {
  const repeats = requests.filter(({ taken }) => taken).length - 1;
  if (repeats < 1) return;
  const unknown = (index.attempts.get(delivery.id) ?? []).filter(({ outcome }) => outcome === 'unknown');
  const allowed = (doubts.get(delivery.id) ?? 0) + unknown.length;
  const sentence = `${name(index, delivery)} was taken ${repeats + 1} times, with ${allowed} doubts`;
  found.doubledUnkeyed.push(sentence);
  if (repeats > allowed) found.violations.push(sentence);
}

/** The attempts on record and the destinations' logs tell the same story. */
function checkLedger({ deliveries, doubts }: History, index: Index, found: Findings): void {
  for (const delivery of deliveries) {
    const seen = index.seen.get(`${index.callOf.get(delivery.eventId) ?? ''} ${delivery.destination}`) ?? [];
    const attempts = index.attempts.get(delivery.id) ?? [];
    const answered = attempts.filter(({ httpStatus }) => httpStatus !== null);
    const allowed = attempts.length + (doubts.get(delivery.id) ?? 0);
    const what = name(index, delivery);
    if (seen.length > allowed)
      found.violations.push(`${what} was seen ${seen.length} times; ${allowed} attempts are accounted for`);
    if (answered.length > seen.length)
      found.violations.push(
        `${what} has ${answered.length} answers on record and was seen ${seen.length} times`,
      );
    if (delivery.state === 'delivered' && !seen.some(({ taken }) => taken))
      found.lost.push(`${what} is delivered on record and was never taken`);
    if (delivery.state === 'delivered' && !attempts.some(({ outcome }) => outcome === 'delivered'))
      found.violations.push(`${what} is delivered without an attempt that says so`);
  }
}

/** Nothing comes to a destination before the time that it asked for. */
function checkHoldOff({ seen }: History, found: Findings): void {
  const until = new Map<string, number>();
  for (const { destination, callId, time, holdOffUntil } of seen) {
    const earliest = until.get(destination) ?? 0;
    if (time + LEEWAY_MS < earliest)
      found.violations.push(
        `${destination} was sent call ${callId} ${earliest - time} ms before it allowed to`,
      );
    if (holdOffUntil !== undefined) until.set(destination, Math.max(earliest, holdOffUntil));
  }
}

function name(index: Index, { eventId, destination }: StoredDelivery): string {
  return `call ${index.callOf.get(eventId) ?? eventId} to ${destination}`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
