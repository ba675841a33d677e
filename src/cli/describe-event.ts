import { type JsonObject, readPath } from '../lib/json.js';
import { type EventDetails, type EventView } from '../replay/views.js';
import { describeDecisions } from './describe-decisions.js';
import { describeDeliveries } from './describe-deliveries.js';
import { type Writing } from './describe-delivery.js';
import { printable, table, yamlBlock } from './print.js';
import { paintedTable, statusPaint } from './state-colours.js';
import { relativeTime, timeWords } from './time-words.js';

const HEADING = ['EVENT', 'RECEIVED', 'SOURCE', 'CALL', 'STATUS', 'CONTACT'];

/** A list as a person reads it, a line each. */
export function describeEvents(
  events: readonly EventView[],
  { colours, now }: Omit<Writing, 'flags'>,
): string {
  const rows = events.map((event) => ({
    cells: cellsOf(event, now).map(printable),
    paint: statusPaint(event.status, colours),
  }));
  return paintedTable(HEADING, rows, colours);
}

function cellsOf(event: EventView, now: number): string[] {
  const { id, received_at, source, call_id, contact } = event;
  return [
    id,
    relativeTime(Date.parse(received_at), now),
    source,
    call_id ?? '',
    statusWords(event),
    contact ?? '',
  ];
}

/** One event: its call in short, every decision with its reason, every delivery. */
export function describeEvent(event: EventDetails, writing: Writing): string {
  const { colours, flags, now } = writing;
  const head = `${colours.bold(`event ${printable(event.id)}`)}  ${statusPaint(event.status, colours)(statusWords(event))}`;
  const explain = `aftercall explain ${event.id}${flags}`;
  const parts = [
    `${head}\n${facts(event, now)}`,
    `${colours.bold('Call')}\n${describeCall(event)}`,
    `${colours.bold('Decisions')}\n${describeDecisions(event.decisions, colours)}`,
    `${colours.bold('Deliveries')}\n${describeDeliveriesOf(event, writing)}`,
    `every rule with what it saw:\n  ${explain}\n`,
  ];
  return parts.join('\n');
}

export function statusWords({ status, revision }: EventView): string {
  return status === 'revision' ? `revision ${revision}` : status;
}

function facts(event: EventDetails, now: number): string {
  const labels = Object.entries(event.labels).map(([name, value]) => `${name}=${value}`);
  const rows: [string, string | null][] = [
    ['source', event.source],
    ['call', event.call_id],
    ['received', timeWords(event.received_at, now)],
    ['contact', event.contact],
    ['labels', labels.length === 0 ? null : labels.join(', ')],
    ...event.problems.map(({ path, problem }): [string, string] => ['problem', `${path}: ${problem}`]),
  ];
  return table(rows.flatMap(([name, value]) => (value === null ? [] : [[`  ${name}`, printable(value)]])));
}

/** What people ask first. Transcripts are long, and `-o json` has everything. */
const CALL_FACTS = [
  'status',
  'duration',
  'customer_phone',
  'assistant_phone',
  'created_at',
  'finished_at',
  'campaign.name',
  'input_variables',
  'extracted_variables',
];

function describeCall({ call, status }: EventDetails): string {
  if (call === null) return status === 'quarantined' ? '  not readable as a call\n' : '  not kept any more\n';
  const said: JsonObject = {};
  for (const path of CALL_FACTS) {
    const value = readPath(call, path);
    if (value !== undefined && value !== null) said[path] = value;
  }
  return yamlBlock(said, '  ');
}

function describeDeliveriesOf({ deliveries }: EventDetails, { colours, now }: Writing): string {
  if (deliveries.length === 0) return '  none\n';
  return describeDeliveries(deliveries, { colours, now, indent: '  ' });
}
