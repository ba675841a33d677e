import { anywhereRow } from './anywhere-run.js';
import { killRows } from './kill-points.js';
import { migrationRow } from './migration-run.js';
import { pruneRow } from './prune-run.js';
import { type FaultRow } from './row.js';
import { sinkRows } from './sink-faults.js';

/** Every fault, in the order of the table. */
export const allRows: readonly FaultRow[] = [...killRows, migrationRow, pruneRow, anywhereRow, ...sinkRows];
