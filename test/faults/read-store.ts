import Database from 'better-sqlite3';
import { sha256 } from './fault-calls.js';
import { type History } from './history.js';

/** The rows of a stopped program, and what SQLite itself says about the file. */
export function readStore(file: string): Pick<History, 'events' | 'deliveries' | 'attempts'> {
  const database = new Database(file, { readonly: true });
  const all = <Row>(sql: string): Row[] => database.prepare<[], Row>(sql).all();
  try {
    const integrity = database.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') throw new Error(`the database is damaged: ${String(integrity)}`);
    return {
      events: all<EventRow>('select id, call_id as callId, raw from events').map(toEvent),
      deliveries: all(
        'select id, event_id as eventId, rule, action, destination, state, due_at as dueAt from deliveries',
      ),
      attempts: all(
        'select delivery_id as deliveryId, outcome, http_status as httpStatus from attempts order by number',
      ),
    };
  } finally {
    database.close();
  }
}

/** Ids of the deliveries that a process which has ended left `sending`. Changes neither file nor WAL. */
export function readSending(file: string): string[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare<[], string>("select id from deliveries where state = 'sending'").pluck().all();
  } finally {
    database.close();
  }
}

interface EventRow {
  id: string;
  callId: string;
  raw: Uint8Array;
}

/** Retention leaves no bytes where it emptied an event. */
function toEvent({ id, callId, raw }: EventRow): History['events'][number] {
  return { id, callId, hash: raw.byteLength === 0 ? null : sha256(raw) };
}
