import { type CopyDatabase } from './copy-database.js';
import { claimTarget, markDone } from './copy-marker.js';
import { COPIED_TABLES, type CopiedTable, type Key, keyOf, type Row } from './copy-tables.js';
import { copyQueries, type PageLimits } from './queries/copy-queries.js';
import { type Comparison, verifyTable } from './verify-copy.js';

/** Memory is a few pages; larger ones were no faster. */
const PAGE: PageLimits = { rows: 2_000, bytes: 2 * 1024 * 1024 };

export interface CopyOptions {
  /** Nobody writes to it meanwhile. */
  source: CopyDatabase;
  /** Nobody else uses it meanwhile. */
  target: CopyDatabase;
  onProgress?: (progress: CopyProgress) => void;
  /** Default: the system clock. */
  now?: () => number;
  page?: PageLimits;
}

export interface CopyProgress {
  step: 'copy' | 'verify';
  table: string;
  /** Rows done, of this many. */
  rows: number;
  total: number;
}

export interface CopiedReport extends Comparison {
  table: string;
  /** What this run has copied; the rest was there from an earlier one. */
  copied: number;
  copyMs: number;
  verifyMs: number;
}

export interface CopyReport {
  /** Whether it went on with what an earlier run had begun. */
  isResumed: boolean;
  /** Every table is the same on both sides; only then may the target be used. */
  isVerified: boolean;
  tables: CopiedReport[];
}

/**
 * Copies every row and compares all of them afterwards. It may be killed at any time: each page is one transaction, in the
 * order of the keys, so that a later run goes on behind the highest key it finds. The target is marked as unfinished until
 * everything was found equal.
 * @throws {StoreRefusedError} when the target holds something else
 */
export async function copyStore(options: CopyOptions): Promise<CopyReport> {
  const { source, target, now = Date.now } = options;
  const isResumed = await claimTarget(source, target, now());
  const totals = await countAll(source);
  const copied = [];
  for (const table of COPIED_TABLES) copied.push(await copyTable(table, totals, options));
  await target.settle();
  const tables: CopiedReport[] = [];
  for (const [index, table] of COPIED_TABLES.entries()) {
    const started = now();
    const comparison = await verify(table, totals, options);
    tables.push({ table: table.name, ...copied[index]!, ...comparison, verifyMs: now() - started });
  }
  const isVerified = tables.every(({ difference }) => difference === null);
  if (isVerified) await markDone(target, now());
  return { isResumed, isVerified, tables };
}

type Totals = ReadonlyMap<string, number>;

async function countAll(source: CopyDatabase): Promise<Totals> {
  const totals = new Map<string, number>();
  for (const table of COPIED_TABLES) {
    const [row] = await source.run(copyQueries(source.dialect).count(table));
    totals.set(table.name, Number(row?.[0] ?? 0));
  }
  return totals;
}

async function copyTable(
  table: CopiedTable,
  totals: Totals,
  { source, target, onProgress, now = Date.now, page = PAGE }: CopyOptions,
): Promise<{ copied: number; copyMs: number }> {
  const started = now();
  const total = totals.get(table.name) ?? 0;
  const read = pageReader(source, table, page);
  const [highest = null] = await target.run(copyQueries(target.dialect).highestKey(table));
  const [there] = highest === null ? [] : await target.run(copyQueries(target.dialect).count(table));
  const before = Number(there?.[0] ?? 0);
  let copied = 0;
  let rows = await read(highest);
  while (rows.length > 0) {
    const last = keyOf(table, rows.at(-1)!);
    // The next page is read while this one is written.
    const [, next] = await Promise.all([target.insert(table, rows), read(last)]);
    copied += rows.length;
    rows = next;
    onProgress?.({ step: 'copy', table: table.name, rows: before + copied, total });
  }
  return { copied, copyMs: now() - started };
}

function verify(
  table: CopiedTable,
  totals: Totals,
  { source, target, onProgress, page = PAGE }: CopyOptions,
): Promise<Comparison> {
  return verifyTable({
    table,
    readSource: pageReader(source, table, page),
    readTarget: pageReader(target, table, page),
    onRows: (rows) =>
      onProgress?.({ step: 'verify', table: table.name, rows, total: totals.get(table.name) ?? 0 }),
  });
}

function pageReader(
  database: CopyDatabase,
  table: CopiedTable,
  limits: PageLimits,
): (after: Key | null) => Promise<Row[]> {
  const queries = copyQueries(database.dialect);
  return (after) => database.run(queries.page(table, after, limits));
}
