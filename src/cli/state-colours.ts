import { type Outcome } from '../domain/attempt.js';
import { type DeliveryState } from '../domain/delivery.js';
import { type EventStatus } from '../domain/event.js';
import { type Colours } from './io.js';
import { columns } from './print.js';

type Paint = (text: string) => string;

/** Red wants a person, yellow waits for one, green is well. */
export function statePaint(state: DeliveryState, colours: Colours): Paint {
  if (state === 'dead') return colours.red;
  if (state === 'held') return colours.yellow;
  return state === 'delivered'
    ? colours.green
    : state === 'pending' || state === 'sending'
      ? plain
      : colours.dim;
}

export function statusPaint(status: EventStatus, colours: Colours): Paint {
  return status === 'quarantined' ? colours.red : status === 'test' ? colours.dim : plain;
}

export function outcomePaint(outcome: Outcome, colours: Colours): Paint {
  if (outcome === 'delivered') return colours.green;
  return outcome === 'rejected' || outcome === 'unauthorized' ? colours.red : colours.yellow;
}

function plain(text: string): string {
  return text;
}

/** Aligned lines below a heading; each line is painted as a whole. */
export function paintedTable(
  heading: readonly string[],
  rows: readonly { cells: readonly string[]; paint: Paint }[],
  colours: Colours,
  indent = '',
): string {
  const [head = [], ...body] = columns([heading, ...rows.map(({ cells }) => cells)]);
  const lines = body.map((cells, i) => (rows[i]?.paint ?? plain)(cells.join('  ').trimEnd()));
  return [colours.bold(head.join('  ').trimEnd()), ...lines].map((line) => `${indent}${line}\n`).join('');
}
