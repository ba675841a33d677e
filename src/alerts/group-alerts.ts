import { hash } from 'node:crypto';
import { type StoredAlert } from '../store/store.js';

/** Alerts that go out as one message. */
export interface AlertGroup {
  entry: number;
  destination: string;
  alerts: [StoredAlert, ...StoredAlert[]];
}

/**
 * Due alerts, parted into messages: all new ones of an entry together; those that were tried together stay
 * together, so that every attempt says the same under the same key. New ones wait `gatherMs` for the rest of a burst.
 */
export function groupAlerts(due: readonly StoredAlert[], now: number, gatherMs: number): AlertGroup[] {
  const groups = new Map<string, AlertGroup>();
  for (const alert of due) {
    const { entry, destination, attemptCount, dueAt } = alert;
    const key = JSON.stringify([entry, destination, attemptCount === 0 ? 'new' : dueAt]);
    const group = groups.get(key);
    if (group) group.alerts.push(alert);
    else groups.set(key, { entry, destination, alerts: [alert] });
  }
  return [...groups.values()].filter((group) => isReady(group, now, gatherMs));
}

function isReady({ alerts }: AlertGroup, now: number, gatherMs: number): boolean {
  const oldest = Math.min(...alerts.map(({ createdAt }) => createdAt));
  return alerts[0].attemptCount > 0 || oldest + gatherMs <= now;
}

/** The same for the same alerts, in whatever order. */
export function keyOf({ alerts }: AlertGroup): string {
  const ids = alerts.map(({ id }) => id).sort();
  return `aftercall-alert-${hash('sha256', ids.join(' ')).slice(0, 32)}`;
}
