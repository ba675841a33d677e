import { type DeliveryView } from '../replay/views.js';
import { type Colours } from './io.js';
import { printable } from './print.js';
import { reasonWords } from './reason-words.js';
import { paintedTable, statePaint } from './state-colours.js';
import { relativeTime } from './time-words.js';

const HEADING = ['DELIVERY', 'STATE', 'ACTION', 'TO', 'DUE', 'ATTEMPTS', 'WHY'];

/** A list as a person reads it, a line each. */
export function describeDeliveries(
  deliveries: readonly DeliveryView[],
  { colours, now, indent }: { colours: Colours; now: number; indent?: string },
): string {
  const rows = deliveries.map((delivery) => ({
    cells: cellsOf(delivery, now).map(printable),
    paint: statePaint(delivery.state, colours),
  }));
  return paintedTable(HEADING, rows, colours, indent);
}

function cellsOf(delivery: DeliveryView, now: number): string[] {
  const { id, state, due_at, attempt_count, reason } = delivery;
  const due = due_at === null || neverCame(delivery, now) ? '-' : relativeTime(Date.parse(due_at), now);
  const why = reason === null ? '' : reasonWords(reason);
  return [id, state, actionName(delivery), targetName(delivery), due, String(attempt_count), why];
}

/** The time of what was taken back or refused before. */
function neverCame({ state, due_at }: DeliveryView, now: number): boolean {
  const isOver = state === 'canceled' || state === 'skipped' || state === 'shadow';
  return isOver && due_at !== null && Date.parse(due_at) > now;
}

export function actionName({ rule, action }: Pick<DeliveryView, 'rule' | 'action'>): string {
  return `${rule}.${action}`;
}

export function targetName({ destination }: Pick<DeliveryView, 'destination'>): string {
  return destination === '' ? 'nowhere' : destination;
}

/** `pending: the destination is paused` */
export function stateWords({ state, reason }: Pick<DeliveryView, 'state' | 'reason'>): string {
  return reason === null ? state : `${state}: ${reasonWords(reason)}`;
}
