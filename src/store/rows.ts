import { type Because, type Decision, type Verdict } from '../domain/decision.js';
import { type Delivery } from '../domain/delivery.js';
import { type EventRecord, type EventStatus, type Problem } from '../domain/event.js';
import { type Json } from '../lib/json.js';
import { type Attempt, type NeededReceipt, type StoredEvent } from './store.js';

interface EventRow {
  id: string;
  source: string;
  eventKind: string;
  callId: string | null;
  revision: number;
  status: EventStatus;
  receivedAt: number;
  scope: string;
  contact: string | null;
  labels: string;
  contentType: string | null;
  problems: string;
  cause: string | null;
  root: string | null;
}

export function toListedEvent(row: Omit<EventRow, 'cause' | 'root'>): EventRecord {
  return toEvent({ ...row, cause: null, root: null });
}

function toEvent(row: EventRow): EventRecord {
  const labels = JSON.parse(row.labels) as Record<string, string>;
  const problems = JSON.parse(row.problems) as Problem[];
  return { ...row, labels, problems };
}

type StoredEventRow = EventRow & Omit<StoredEvent, 'event'>;

export function toStoredEvent({ raw, ruleSet, bodyPrunedAt, ...row }: StoredEventRow): StoredEvent {
  // A plain view: drivers answer their own subclass, which does not survive the way between threads.
  const bytes = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  return { event: toEvent(row), raw: bytes, ruleSet, bodyPrunedAt };
}

type Flags = 'ordered' | 'mayHaveArrived';
type DeliveryRow = Omit<Delivery, Flags> & Record<Flags, number>;

export function toDelivery(row: DeliveryRow): Delivery {
  // A head names itself, see `digestQueries`: nobody else tells it.
  const digestHead = row.digestHead === row.id ? null : row.digestHead;
  return { ...row, ordered: row.ordered === 1, mayHaveArrived: row.mayHaveArrived === 1, digestHead };
}

export function countByDestination(rows: readonly { destination: string }[]): {
  count: number;
  destinations: string[];
} {
  return { count: rows.length, destinations: [...new Set(rows.map(({ destination }) => destination))] };
}

export function toDecision(row: {
  rule: string;
  verdict: Verdict;
  shadow: number;
  because: string;
}): Decision {
  return { ...row, shadow: row.shadow === 1, because: JSON.parse(row.because) as Because[] };
}

type AttemptRow = Omit<Attempt, 'receipt'> & { receipt: string | null };

export function toAttempt({ receipt, ...attempt }: AttemptRow): Attempt {
  return receipt === null ? attempt : { ...attempt, receipt: JSON.parse(receipt) as Json };
}

export function toReceipt({ receipt, ...needed }: NeededRow): NeededReceipt {
  return { ...needed, receipt: JSON.parse(receipt ?? 'null') as Json };
}

type NeededRow = Omit<NeededReceipt, 'receipt'> & { receipt: string | null };
