import { type ReplayOptions } from '../replay/queries.js';
import { type BulkReplayView, type DeliveryView, type ReplayView } from '../replay/views.js';
import { actionName, targetName } from './describe-deliveries.js';
import { type Writing } from './describe-delivery.js';
import { type Colours } from './io.js';
import { count, printable, table } from './print.js';

/** What a replay did to each delivery, and why. @param deliveries those of the event, as they are now */
export function describeReplay(
  replay: ReplayView,
  deliveries: readonly DeliveryView[],
  { colours, flags }: Writing,
): string {
  const fired = replay.fired.length === 0 ? 'no rule fired' : `fired ${replay.fired.join(', ')}`;
  const known = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  const rows = (ids: readonly string[], word: string, why: (delivery: DeliveryView) => string) =>
    ids.map((id) => rowOf(id, known.get(id), word, why));
  const all = [
    ...rows(replay.planned, 'planned', whyPlanned),
    ...rows(replay.retried, 'retried', () => 'under the same idempotency key'),
    ...rows(replay.canceled, 'canceled', () => 'planned anew in its place'),
    ...rows(replay.left, 'left', whyLeft),
  ];
  const head = `${colours.bold(`replayed ${printable(replay.event_id)}`)}  ${printable(fired)}\n`;
  const body = all.length === 0 ? '  nothing to send\n' : table(all.map((row) => row.map(printable)));
  return `${head}${body}${releaseHint(replay, known, flags)}`;
}

function rowOf(
  id: string,
  delivery: DeliveryView | undefined,
  word: string,
  why: (delivery: DeliveryView) => string,
): string[] {
  if (!delivery) return [`  ${word}`, id];
  return [`  ${word}`, id, `${actionName(delivery)} -> ${targetName(delivery)}`, why(delivery)];
}

function whyPlanned({ state, reason }: DeliveryView): string {
  if (state === 'held' && reason === 'replayed') return 'held: it reaches a contact';
  return state === 'pending' ? 'due now' : state;
}

/** A dead or held one stays where its last attempt may have arrived and its key cannot be kept. */
function whyLeft({ state }: DeliveryView): string {
  return state === 'dead' || state === 'held' ? `${state}: it may have arrived` : 'on its way';
}

function releaseHint({ planned }: ReplayView, known: Map<string, DeliveryView>, flags: string): string {
  const held = planned.filter((id) => known.get(id)?.state === 'held');
  return held.length === 0
    ? ''
    : `release what is to reach the contact with\n  aftercall deliveries release ${held.join(' ')}${flags}\n`;
}

/** What a bulk replay will do, before it is asked for. */
export function foretellReplay(amount: number, { rules, send }: Required<ReplayOptions>): string {
  const by = rules === 'then' ? 'the rules that decided them' : 'the rules in force';
  const what = {
    undelivered: 'what has not arrived will be sent',
    all: 'everything will be sent once more, also what arrived',
    none: 'nothing will be sent',
  };
  return `${count(amount, 'event')} will be decided anew by ${by}; ${what[send]}`;
}

export function describeBulkReplay(
  { count: done, refused, refusals }: BulkReplayView,
  colours: Colours,
): string {
  const lines = refusals.map(({ event_id, message }) => `  ${event_id}  ${message}`);
  const more = refused > refusals.length ? [`  and ${refused - refusals.length} more`] : [];
  const said = refused === 0 ? '' : `${colours.red(`refused ${count(refused, 'event')}`)}\n`;
  return `replayed ${count(done, 'event')}\n${said}${[...lines, ...more].map((line) => `${printable(line)}\n`).join('')}`;
}
