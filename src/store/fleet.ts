import { type Queries } from './queries/queries.js';
import { type LaneReport, type ProcessReport, type StoredProcess } from './store.js';
import { all, first, type Work } from './work.js';

/** A process that was silent for so long is forgotten. */
const FORGOTTEN_AFTER_MS = 3_600_000;

export function* lead(
  queries: Queries,
  request: { name: string; holder: string; leaseMs: number; now: number },
): Work<boolean> {
  return (yield* first(queries.takeLease, request)) !== null;
}

/** Answers the time of the store. */
export function* beat(
  queries: Queries,
  { report, now }: { report: ProcessReport; now: number },
): Work<number> {
  yield* all(queries.forgetProcesses, { silentMs: FORGOTTEN_AFTER_MS, now });
  const row = yield* first(queries.beat, { ...report, lanes: JSON.stringify(report.lanes), now });
  return row?.seenAt ?? now;
}

export function* listProcesses(
  queries: Queries,
  asked: { silentMs: number; now: number },
): Work<StoredProcess[]> {
  const rows = yield* all(queries.processes, asked);
  return rows.map((row) => ({
    ...row,
    lanes: JSON.parse(row.lanes) as LaneReport[],
    leads: row.leads === 1,
  }));
}
