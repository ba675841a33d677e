import { type NewAlert, type Store, type StoredAlert, type Trouble } from '../../src/store/store.js';

type AlertStore = Pick<
  Store,
  'findTrouble' | 'raiseAlerts' | 'dueAlerts' | 'settleAlerts' | 'findSettings' | 'putSetting' | 'lastEventAt'
>;

/** Keeps alerts in memory the way the real stores do. Outlives the watchers and senders that use it, like a file. */
export class FakeAlertStore implements AlertStore {
  /** What went wrong, and when. */
  readonly troubles: (Trouble & { at: number })[] = [];
  /** Times of events by source. */
  readonly events = new Map<string, number[]>();
  readonly settings = new Map<string, string>();
  readonly alerts: (StoredAlert & { state: 'pending' | 'sent' | 'gave_up' })[] = [];
  /** Destinations that deliveries wait for. */
  waitedFor: string[] = [];
  /** Thrown by the next calls that write, when set. */
  failure: Error | null = null;
  /** How often the store was asked for the newest event of a source. */
  eventLookups = 0;

  findTrouble({ since, until }: { since: number; until: number }): Promise<Trouble[]> {
    const found = this.troubles.filter(({ at }) => at >= since && at < until);
    return Promise.resolve(found.map(({ at: _at, ...trouble }) => trouble));
  }

  raiseAlerts(request: { alerts: NewAlert[]; now: number; everyMs: number }): Promise<number> {
    if (this.failure) return Promise.reject(this.failure);
    const raised = request.alerts.filter((alert) => {
      const same = this.alerts.filter(({ cause, entry }) => cause === alert.cause && entry === alert.entry);
      return same.every(({ createdAt }) => createdAt <= request.now - request.everyMs);
    });
    for (const alert of raised) this.keep(alert, request.now);
    return Promise.resolve(raised.length);
  }

  /** Puts a pending alert there, as if it had been raised. */
  keep(alert: NewAlert, now: number): void {
    const fields = { createdAt: now, dueAt: now, attemptCount: 0, passedOver: 0, state: 'pending' as const };
    this.alerts.push({ ...alert, ...fields });
  }

  dueAlerts(now: number): Promise<StoredAlert[]> {
    const due = this.alerts.filter(({ state, dueAt }) => state === 'pending' && dueAt <= now);
    return Promise.resolve(due.map(({ state: _state, ...alert }) => alert));
  }

  settleAlerts(request: Parameters<Store['settleAlerts']>[0]): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    for (const alert of this.alerts.filter(({ id }) => request.ids.includes(id))) {
      alert.attemptCount += 1;
      alert.dueAt = request.dueAt;
      alert.state = request.outcome === 'again' ? 'pending' : request.outcome;
    }
    return Promise.resolve();
  }

  lastEventAt(source: string, since: number): Promise<number | null> {
    this.eventLookups += 1;
    const times = (this.events.get(source) ?? []).filter((at) => at >= since);
    return Promise.resolve(times.length === 0 ? null : Math.max(...times));
  }

  pendingDestinations(): Promise<string[]> {
    return Promise.resolve(this.waitedFor);
  }

  findSettings(prefix: string): Promise<Record<string, string>> {
    const those = [...this.settings].filter(([key]) => key.startsWith(prefix));
    return Promise.resolve(Object.fromEntries(those));
  }

  putSetting(key: string, value: string | null): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    if (value === null) this.settings.delete(key);
    else this.settings.set(key, value);
    return Promise.resolve();
  }
}
