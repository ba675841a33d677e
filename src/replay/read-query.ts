import { type DeliveryCommand, type DeliveryState, BULK_STATES, TAKES_COMMAND } from '../domain/delivery.js';
import { type DeliveryFilter, type EventFilter, type Page } from '../store/store.js';
import { DeskError } from './desk-error.js';
import { type DeliveryQuery, type EventQuery, type FollowUpQuery, type PageQuery } from './queries.js';
import { readContact } from './read-contact.js';
import { type ListView } from './views.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** @throws {DeskError} for times and contacts that cannot be read. */
export function deliveryFilter(query: DeliveryQuery): DeliveryFilter {
  const { state, rule, destination, event_id: eventId } = query;
  return stated({ state, rule, destination, contact: whom(query), eventId, ...readSpan(query) });
}

/** What is pending and due later than now. */
export function followUpFilter({ scope, ...query }: FollowUpQuery, now: number): DeliveryFilter {
  return stated({ ...deliveryFilter(query), scope, state: 'pending' as const, dueAfter: now });
}

/** @throws {DeskError} for times and contacts that cannot be read. */
export function eventFilter(query: EventQuery): EventFilter {
  const { source, status, call_id: callId, rule, state, destination } = query;
  const contact = whom(query);
  return stated({ source, status, callId, contact, rule, state, destination, ...readSpan(query) });
}

/** However the number is written; what is none would match nothing, and nobody would know why. */
function whom({ contact }: { contact?: string }): string | undefined {
  return contact === undefined ? undefined : readContact(contact);
}

/**
 * The filter of a bulk command: without a state it means those that the command is for.
 * @throws {DeskError} for a state in which nothing takes the command.
 */
export function bulkFilter(query: DeliveryQuery, command: DeliveryCommand['do']): DeliveryFilter {
  const filter = deliveryFilter(query);
  const state = filter.state ?? BULK_STATES[command];
  const wrong = [state].flat().find((one: DeliveryState) => !TAKES_COMMAND[command].includes(one));
  if (wrong !== undefined)
    throw new DeskError('bad_request', `state: ${command} is for ${statesFor(command)}, not for ${wrong}`);
  return { ...filter, state };
}

/** In words, e.g. `dead or pending deliveries`. */
export function statesFor(command: DeliveryCommand['do']): string {
  return `${TAKES_COMMAND[command].join(' or ')} deliveries`;
}

/** @throws {DeskError} for a limit out of bounds or a cursor that is none. */
export function readPage({ limit = DEFAULT_LIMIT, cursor }: PageQuery): Page {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new DeskError('bad_request', `limit: expected a whole number from 1 to ${MAX_LIMIT}`);
  return cursor === undefined ? { limit } : { limit, after: readCursor(cursor) };
}

/** Opaque on purpose: what a list is ordered by may change. */
export function cursorOf(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/**
 * A page of a list, from one row more than was asked for: that one says whether there is another page.
 */
export function pageOf<Row extends { id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
): ListView<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(view), next: last && rows.length > limit ? cursorOf(last.id) : null };
}

function readCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (id === '' || cursorOf(id) !== cursor) throw wrongCursor();
  return id;
}

export function wrongCursor(): DeskError {
  return new DeskError('bad_request', 'cursor: not one of this list; start again without it');
}

function readSpan({ since, until }: { since?: string; until?: string }): { since?: number; until?: number } {
  return stated({ since: readTime('since', since), until: readTime('until', until) });
}

/** A time without a zone would mean something else on every machine. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

function readTime(field: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const time = TIME.test(written) ? Date.parse(written) : NaN;
  if (!Number.isNaN(time)) return time;
  const expected = 'a time with its zone, such as 2025-01-15T11:35:00Z (in an address, write + as %2B)';
  throw new DeskError('bad_request', `${field}: expected ${expected}`);
}

/** Without the fields that are undefined: an absent field narrows nothing. */
function stated<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
