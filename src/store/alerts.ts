import { type Queries } from './queries/queries.js';
import { type NewAlert, type Store, type Trouble } from './store.js';
import { all, first, type Work } from './work.js';

export type AlertsToRaise = Parameters<Store['raiseAlerts']>[0];
export type AlertsToSettle = Parameters<Store['settleAlerts']>[0];

export function* findTrouble(queries: Queries, range: { since: number; until: number }): Work<Trouble[]> {
  const deliveries = yield* all(queries.deadOrHeld, range);
  const events = yield* all(queries.quarantined, range);
  return [
    ...deliveries.map(({ state, destination, rule, reason, count, exampleId }) => ({
      reason: state === 'dead' ? ('dead' as const) : ('held' as const),
      ...{ name: destination, rule, why: reason ?? '', count: Number(count), exampleId },
    })),
    ...events.map(({ source, count, exampleId }) => ({
      reason: 'quarantined' as const,
      ...{ name: source, rule: '', why: '', count: Number(count), exampleId },
    })),
  ];
}

/** Answers how many lines were new. */
export function* raiseAlerts(queries: Queries, { alerts, now, everyMs }: AlertsToRaise): Work<number> {
  let raised = 0;
  for (const alert of alerts) if (yield* raise(queries, alert, now, everyMs)) raised += 1;
  return raised;
}

/** Each cause at most once per `everyMs`; what is passed over meanwhile, the next one tells. */
function* raise(queries: Queries, alert: NewAlert, now: number, everyMs: number): Work<boolean> {
  const { id, entry, destination, cause, reason, line, count } = alert;
  const latest = yield* first(queries.latestAlert, { entry, cause, now });
  if (latest !== null && latest.createdAt > now - everyMs) {
    yield* all(queries.passOver, { id: latest.id, count });
    return false;
  }
  const passedBefore = latest?.passedOver ?? 0;
  yield* all(queries.insertAlert, {
    ...{ id, entry, destination, cause, reason, line, count },
    ...{ passedBefore, now },
  });
  return true;
}

export function* settleAlerts(queries: Queries, { ids, now, outcome, dueAt }: AlertsToSettle): Work<null> {
  const state = outcome === 'again' ? 'pending' : outcome;
  const settledAt = outcome === 'again' ? null : now;
  for (const id of ids) yield* all(queries.settleAlert, { id, state, dueAt, settledAt });
  return null;
}
