import { anywhereRow } from './anywhere-run.js';
import { bulkRow } from './bulk-run.js';
import { clockRows } from './clock-run.js';
import { killRows } from './kill-points.js';
import { mailRows } from './mail-run.js';
import { migrationRow } from './migration-run.js';
import { pruneRow } from './prune-run.js';
import { type FaultRow } from './row.js';
import { sinkRows } from './sink-faults.js';
import { stopRow } from './stop-run.js';
import { takeoverRow } from './takeover-run.js';
import { troubleRows } from './trouble-run.js';

/** Every fault, in the order of the table. */
export const allRows: readonly FaultRow[] = [
  ...killRows,
  migrationRow,
  pruneRow,
  anywhereRow,
  stopRow,
  takeoverRow,
  ...sinkRows,
  ...mailRows,
  ...troubleRows,
  ...clockRows,
  bulkRow,
];
