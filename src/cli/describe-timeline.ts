import { type TimelineEntry } from '../replay/contact-views.js';
import { type DeliveryView } from '../replay/views.js';
import { actionName, stateWords, targetName } from './describe-deliveries.js';
import { type Writing } from './describe-delivery.js';
import { statusWords } from './describe-event.js';
import { printable } from './print.js';
import { whyLater } from './reason-words.js';
import { paintedTable, statePaint, statusPaint } from './state-colours.js';
import { relativeTime, timeWords } from './time-words.js';

/** What happened with a contact, newest first: calls that came in, and what was planned for them with how it stands. */
export function describeTimeline(entries: readonly TimelineEntry[], writing: Writing): string {
  const rows = entries.map((entry) => rowOf(entry, writing));
  return paintedTable(['WHEN', 'WHAT', 'ID', 'WHICH', 'STATE'], rows, writing.colours);
}

function rowOf(entry: TimelineEntry, { colours, now }: Writing) {
  const when = timeWords(entry.at, now);
  if (entry.is === 'event') {
    const { id, source, call_id, status } = entry.event;
    const call = call_id === null ? source : `${source} ${call_id}`;
    const cells = [when, 'call', id, call, statusWords(entry.event)];
    return { cells: cells.map(printable), paint: statusPaint(status, colours) };
  }
  const { delivery } = entry;
  const which = `${actionName(delivery)} -> ${targetName(delivery)}`;
  const cells = [when, 'delivery', delivery.id, which, howItStands(delivery, now)];
  return { cells: cells.map(printable), paint: statePaint(delivery.state, colours) };
}

/** `pending, due in 2 d: 2 days after the call: …` */
function howItStands(delivery: DeliveryView, now: number): string {
  const { state, due_at, reason } = delivery;
  if (state !== 'pending' || due_at === null || Date.parse(due_at) <= now) return stateWords(delivery);
  const due = `pending, due ${relativeTime(Date.parse(due_at), now)}`;
  return reason === null ? due : `${due}: ${whyLater(reason)}`;
}
