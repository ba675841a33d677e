import { killRows } from './kill-points.js';
import { type FaultRow } from './row.js';
import { sinkRows } from './sink-faults.js';

/** Every fault, in the order of the table. */
export const allRows: readonly FaultRow[] = [...killRows, ...sinkRows];
