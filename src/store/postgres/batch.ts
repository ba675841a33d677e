import { isContactChange } from '../../domain/contact-list.js';
import { type PlannedDelivery } from '../../domain/delivery.js';
import { type Write } from '../writes.js';
import { callKeyOf, contactLockKey, chainKey, onceKeysOf } from './lock-keys.js';

/** A batch in the order in which it is run. */
export interface Batch {
  /** Writes of one row each, which may go out together. */
  together: Indexed[];
  /** Accepted events and what reaches or stops contacts, in waves: none of one touches what another of it does. */
  waves: Indexed[][];
  /** What reads before it writes, one after the other. */
  alone: Indexed[];
}

/** A write, and where it stands among those that were submitted. */
export interface Indexed {
  write: Write;
  index: number;
}

/** Each names the rows by a key that nobody else in the batch has, or asks for nothing in between. */
const TOGETHER: ReadonlySet<Write['do']> = new Set<Write['do']>([
  ...(['saveInput', 'update', 'saveRuleSet', 'signOff', 'resign', 'beat', 'probe'] as const),
]);

const IN_WAVES: ReadonlySet<Write['do']> = new Set<Write['do']>(['accept', 'reach', 'changeStop']);

/**
 * Nobody has been answered yet, so a batch may be run in another order than it came in, save that a claim must see the
 * updates that were submitted before it: claims come last. What reaches contacts comes after the updates, which may say
 * that somebody was not reached after all.
 */
export function arrange(writes: readonly Write[]): Batch {
  const indexed = writes.map((write, index) => ({ write, index }));
  return {
    together: indexed.filter(({ write }) => isOfOneRow(write)),
    waves: inWaves(indexed.filter(({ write }) => IN_WAVES.has(write.do))),
    alone: indexed.filter(({ write }) => !isOfOneRow(write) && !IN_WAVES.has(write.do)),
  };
}

function isOfOneRow(write: Write): boolean {
  return TOGETHER.has(write.do) && !(write.do === 'update' && write.update.next !== undefined);
}

/** Copies of one call, and what touches one contact, must see each other: each comes in a wave after those before it. */
function inWaves(those: readonly Indexed[]): Indexed[][] {
  const waves: Indexed[][] = [];
  const next = new Map<string, number>();
  for (const one of those) {
    const keys = touchedBy(one.write);
    const wave = Math.max(0, ...keys.map((key) => next.get(key) ?? 0));
    for (const key of keys) next.set(key, wave + 1);
    (waves[wave] ??= []).push(one);
  }
  return waves;
}

function touchedBy(write: Write): string[] {
  switch (write.do) {
    case 'accept': {
      const { scope, contact, deliveries } = write.event;
      const ofContact = contact !== null && deliveries.some(looksAtContact);
      return [
        ...callKeyOf(write.event),
        ...onceKeysOf(deliveries),
        ...(ofContact ? [contactLockKey(scope, contact)] : []),
      ];
    }
    default:
      return locksOf([write]).names;
  }
}

/** Messages to colleagues about one contact need not wait for each other. */
function looksAtContact({ channel, onRepeat, operation }: PlannedDelivery): boolean {
  return channel !== null || onRepeat !== null || isContactChange(operation);
}

/** What a batch locks before it touches any row. */
export interface Locks {
  names: string[];
  /** Events whose calls and contacts are locked. */
  eventIds: string[];
  /** Deliveries whose contacts are locked. */
  deliveryIds: string[];
}

/**
 * Calls, so that copies in other processes wait; contacts that are planned for, reached or stopped; and the keys of
 * `once_per` and chains. All batches take their locks in one order, so none waits for another in a circle.
 */
export function locksOf(writes: readonly Write[]): Locks {
  const names = new Set<string>();
  const locks: Locks = { names: [], eventIds: [], deliveryIds: [] };
  for (const write of writes) {
    for (const name of namesOf(write)) names.add(name);
    if (write.do === 'replay') locks.eventIds.push(write.request.eventId);
    if (write.do === 'update' && write.update.next) locks.deliveryIds.push(write.update.id);
  }
  return { ...locks, names: [...names] };
}

function namesOf(write: Write): string[] {
  switch (write.do) {
    case 'accept': {
      const { scope, contact, deliveries } = write.event;
      const contacts = contact === null ? [] : [contactLockKey(scope, contact)];
      return [...callKeyOf(write.event), ...contacts, ...onceKeysOf(deliveries)];
    }
    case 'replay': {
      const { identity, deliveries } = write.request;
      const contact = identity?.contact ?? null;
      const contacts = identity === null || contact === null ? [] : [contactLockKey(identity.scope, contact)];
      return [...contacts, ...onceKeysOf(deliveries)];
    }
    case 'update':
      return onceKeysOf(write.update.next ? [write.update.next] : []);
    case 'reach': {
      const { scope, contacts, chain } = write.request;
      const chains = chain === null ? [] : [chainKey(chain.root)];
      // A stop of no scope counts in every one.
      const scopes = new Set([scope, '']);
      const names = contacts.flatMap((contact) => [...scopes].map((each) => contactLockKey(each, contact)));
      return [...names, ...chains];
    }
    case 'changeStop':
      return [contactLockKey(write.change.scope, write.change.contact)];
    case 'raiseAlerts':
      return ['alerts'];
    default:
      return [];
  }
}
