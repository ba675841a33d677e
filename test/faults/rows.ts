import { missingOwnPostgres } from '../support/own-postgres.js';
import { missingOwnRedis } from '../support/own-redis.js';
import { missingPostgres, missingRedis } from '../support/services.js';
import { anywhereRow } from './anywhere-run.js';
import { bulkRow } from './bulk-run.js';
import { clockRows } from './clock-run.js';
import { followUpsRow } from './follow-ups-run.js';
import { fleetRows } from './fleet-rows.js';
import { killRows } from './kill-points.js';
import { mailRows } from './mail-run.js';
import { migrationRow } from './migration-run.js';
import { pruneRow } from './prune-run.js';
import { rateRow } from './rate-run.js';
import { type FaultRow, type Place, placeRow } from './row.js';
import { schemaRow } from './schema-run.js';
import { sinkRows } from './sink-faults.js';
import { stopRow } from './stop-run.js';
import { takeoverRow } from './takeover-run.js';
import { lockedRow, troubleRows } from './trouble-run.js';

/** What is about a file, its lock and its disk has its counterpart among the rows of the fleet. */
const ROWS: Record<Place, readonly FaultRow[]> = {
  sqlite: [
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
    followUpsRow,
    bulkRow,
  ],
  postgres: [
    ...killRows,
    schemaRow,
    pruneRow,
    takeoverRow,
    ...sinkRows,
    ...mailRows,
    lockedRow,
    ...clockRows,
    followUpsRow,
    bulkRow,
  ],
  fleet: [...fleetRows, rateRow],
};

const MISSING: Record<Place, string | null> = {
  sqlite: null,
  postgres: (await missingPostgres()) ?? (await missingRedis()),
  fleet: missingOwnPostgres() ?? missingOwnRedis(),
};

const PLACES = Object.keys(ROWS) as Place[];

/** Every fault, in the order of the table. */
export const allRows = PLACES.flatMap((place) =>
  ROWS[place].map((row) => placeRow(row, place, MISSING[place])),
);

/**
 * What the test suite runs: of most mechanisms a row or two, and on PostgreSQL the one that its leases are for. `npm run
 * faults` runs them all; it takes longer than a whole run of the suite may.
 */
const IN_SUITE: Record<Place, readonly string[]> = {
  sqlite: [
    ...['kill-commit-inside', 'kill-answer', 'kill-migration', 'kill-prune', 'takeover'],
    ...['reset-read', 'rate-limit', 'disk-full', 'bulk-retry', 'follow-ups'],
  ],
  postgres: ['pg-takeover'],
  // The one run behind these lines injects all five faults of the fleet; what is left out are controls.
  fleet: ['fleet-kill', 'fleet-flush', 'fleet-rate'],
};

export const suiteRows = allRows.filter(({ name, place }) => IN_SUITE[place].includes(name));
