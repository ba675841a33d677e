import { createHash } from 'node:crypto';
import { type CopiedTable, type Key, keyOf, type Row, showKey } from './copy-tables.js';

export interface Comparison {
  /** Rows found equal. */
  rows: number;
  /** SHA-256 over all rows in the order of their keys, as long as they were equal. */
  checksums: { source: string; target: string };
  /** Null: the tables are the same. */
  difference: Difference | null;
}

export interface Difference {
  /** Of the first row that is not the same. */
  key: string;
  problem: 'differs' | 'is missing in the target' | 'is not in the source';
}

type ReadPage = (after: Key | null) => Promise<Row[]>;

export interface VerifyOptions {
  table: CopiedTable;
  readSource: ReadPage;
  readTarget: ReadPage;
  onRows?: (rows: number) => void;
}

/** Reads both sides page by page, in the order of the keys, up to the first difference. */
export async function verifyTable(options: VerifyOptions): Promise<Comparison> {
  const { table, readSource, readTarget, onRows } = options;
  const [source, target] = [createHash('sha256'), createHash('sha256')];
  let rows = 0;
  let after: Key | null = null;
  let difference: Difference | null = null;
  while (difference === null) {
    const [ours, theirs]: Row[][] = await Promise.all([readSource(after), readTarget(after)]);
    if (ours!.length === 0 && theirs!.length === 0) break;
    // Where one page is shorter it is looked at as far as it goes; the next ones begin there.
    const length = Math.min(ours!.length, theirs!.length);
    if (length === 0) difference = extraRow(table, ours!, theirs!);
    for (let index = 0; index < length && difference === null; index += 1) {
      const [wanted, found] = [ours![index]!, theirs![index]!];
      const [wantedText, foundText] = [rowText(wanted), rowText(found)];
      source.update(wantedText);
      target.update(foundText);
      if (wantedText !== foundText) difference = differenceOf(table, wanted, found);
      else rows += 1;
    }
    if (length > 0) after = keyOf(table, ours![length - 1]!);
    onRows?.(rows);
  }
  return { rows, checksums: { source: source.digest('hex'), target: target.digest('hex') }, difference };
}

/** A form that is the same only for the same values: lone surrogates are escaped, bytes are told from texts. */
function rowText(row: Row): string {
  const values = row.map((value) =>
    value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value,
  );
  return `${JSON.stringify(values)}\n`;
}

function differenceOf(table: CopiedTable, wanted: Row, found: Row): Difference {
  const [key, other] = [keyOf(table, wanted), keyOf(table, found)];
  if (JSON.stringify(key) === JSON.stringify(other)) return { key: showKey(table, key), problem: 'differs' };
  return comesBefore(key, other)
    ? { key: showKey(table, key), problem: 'is missing in the target' }
    : { key: showKey(table, other), problem: 'is not in the source' };
}

function extraRow(table: CopiedTable, ours: readonly Row[], theirs: readonly Row[]): Difference {
  const [wanted] = ours;
  if (wanted !== undefined)
    return { key: showKey(table, keyOf(table, wanted)), problem: 'is missing in the target' };
  return { key: showKey(table, keyOf(table, theirs[0]!)), problem: 'is not in the source' };
}

/** In the order of the databases: texts by their bytes. */
function comesBefore(one: Key, other: Key): boolean {
  for (const [index, value] of one.entries()) {
    const [a, b] = [value, other[index] ?? null];
    if (a === b) continue;
    if (typeof a === 'number' && typeof b === 'number') return a < b;
    return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b))) < 0;
  }
  return false;
}
