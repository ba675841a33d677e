import { type Database } from './schema.js';
import { type SqlValue } from './statement.js';

type ColumnKind = 'text' | 'number' | 'bytes';

/** What runs now and says so again by itself is not copied. */
type NotCopied = 'leases' | 'processes';
export type CopiedName = Exclude<keyof Database, NotCopied>;

/** A table as it is copied: rows are lists of values in the order of `columns`. */
export interface CopiedTable {
  name: CopiedName;
  columns: readonly { name: string; kind: ColumnKind }[];
  /** Columns that order the rows, and find each of them. */
  key: readonly string[];
}

export type Row = readonly SqlValue[];
export type Key = readonly SqlValue[];

type Columns = { [Name in CopiedName]: Record<keyof Database[Name] & string, ColumnKind> };

const text = 'text';
const number = 'number';

/** In an order that foreign keys allow; a column or a table that is new in the schema does not compile until it is here. */
const COLUMNS: Columns = {
  rule_sets: { fingerprint: text, content: text, saved_at: number },
  settings: { key: text, value: text },
  contacts: { scope: text, phone: text, first_seen_at: number, last_seen_at: number },
  alerts: {
    ...{ id: text, entry: number, destination: text, cause: text, reason: text, line: text, count: number },
    ...{ passed_before: number, passed_over: number, created_at: number, due_at: number },
    ...{ attempt_count: number, state: text, settled_at: number },
  },
  events: {
    ...{ seq: number, id: text, source: text, event_kind: text, call_id: text, content_hash: text },
    ...{ revision: number, status: text, received_at: number, scope: text, contact: text, labels: text },
    ...{ content_type: text, problems: text, rule_set: text, raw: 'bytes', body_pruned_at: number },
    ...{ cause: text, root: text, call_status: text, call_missed: number },
  },
  decisions: {
    ...{ event_id: text, position: number, rule: text, verdict: text, shadow: number, because: text },
  },
  deliveries: {
    ...{ seq: number, id: text, event_id: text, rule: text, action: text, destination: text, kind: text },
    ...{ operation: text, state: text, reason: text, due_at: number, on_revision: text, scope: text },
    ...{ contact: text, attempt_count: number, charged_count: number, rule_set: text, fence: number },
    ...{ lease_until: number, last_outcome: text, supersedes: text, created_at: number, updated_at: number },
    ...{ progress: text, input: text, ordered: number, release: text },
    ...{ may_have_arrived: number, needed: number, channel: text, try_number: number },
    ...{ digest_key: text, digest_head: text },
  },
  attempts: {
    ...{ delivery_id: text, number: number, started_at: number, duration_ms: number, outcome: text },
    ...{ reason: text, message: text, http_status: number, receipt: text },
  },
  needs: { delivery_id: text, needed_id: text, due_at: number },
  links: { scope: text, destination: text, key: text, value: text, updated_at: number },
  stops: { scope: text, contact: text, since: number, reason: text },
  reaches: { delivery_id: text, scope: text, contact: text, channel: text, at: number, root: text },
  once: {
    ...{ scope: text, rule: text, action: text, key: text, delivery_id: text, at: number, until_at: number },
  },
};

const KEYS: { [Name in CopiedName]: (keyof Database[Name] & string)[] } = {
  rule_sets: ['fingerprint'],
  settings: ['key'],
  contacts: ['scope', 'phone'],
  alerts: ['id'],
  events: ['seq'],
  decisions: ['event_id', 'position'],
  deliveries: ['seq'],
  attempts: ['delivery_id', 'number'],
  needs: ['delivery_id', 'needed_id'],
  links: ['scope', 'destination', 'key'],
  stops: ['scope', 'contact'],
  reaches: ['delivery_id', 'contact'],
  once: ['scope', 'rule', 'action', 'key'],
};

export const COPIED_TABLES: readonly CopiedTable[] = (Object.keys(COLUMNS) as CopiedName[]).map((name) => ({
  name,
  columns: Object.entries(COLUMNS[name]).map(([column, kind]) => ({ name: column, kind })),
  key: KEYS[name],
}));

export function keyOf({ columns, key }: CopiedTable, row: Row): Key {
  return key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null);
}

/** For a person; a phone number is not told whole. */
export function showKey({ name }: CopiedTable, key: Key): string {
  const parts = key.map(String);
  if (name === 'links') return parts.slice(0, 2).join(', ');
  // Its key may be a phone number, or any other text of a call.
  if (name === 'once') return parts.slice(0, 3).join(', ');
  if (name === 'contacts' || name === 'stops' || name === 'reaches')
    parts[1] = `…${parts[1]?.slice(-2) ?? ''}`;
  return parts.join(', ');
}
