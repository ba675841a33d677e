import { BUILT_IN } from '../domain/contact-list.js';
import { type AttemptView, type DeliveryDetails } from '../replay/views.js';
import { actionName, stateWords, targetName } from './describe-deliveries.js';
import { type Colours } from './io.js';
import { nextSteps } from './next-steps.js';
import { printable, table, yamlBlock } from './print.js';
import { OUTCOME_WORDS, reasonWords } from './reason-words.js';
import { outcomePaint, paintedTable, statePaint } from './state-colours.js';
import { durationWords, localTime, timeWords } from './time-words.js';

/** How a text for the terminal is written. */
export interface Writing {
  colours: Colours;
  /** Milliseconds since the epoch. */
  now: number;
  /** Flags that lead another command to the same desk, with a space before them. */
  flags: string;
}

/** One delivery with everything known of it and what can be done next. */
export function describeDelivery(delivery: DeliveryDetails, writing: Writing): string {
  const { colours, flags } = writing;
  const state = statePaint(delivery.state, colours)(printable(stateWords(delivery)));
  const parts = [
    `${colours.bold(`delivery ${printable(delivery.id)}`)}  ${state}\n${facts(delivery, writing.now)}`,
    `${colours.bold('Attempts')}\n${describeAttempts(delivery.attempts, colours)}`,
    `${colours.bold('Input')}\n${describeInput(delivery)}`,
    nextSteps(delivery, flags),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function facts(delivery: DeliveryDetails, now: number): string {
  const { contact, state, reason, event_id, created_at, due_at, updated_at } = delivery;
  const rows: [string, string | null][] = [
    ['action', actionName(delivery)],
    ['to', whereTo(delivery)],
    ['contact', contact],
    // The word that filters, metrics and the guide use for it.
    ['reason', reason],
    ['event', event_id],
    ['planned', timeWords(created_at, now)],
    ['due', state === 'pending' && due_at !== null ? timeWords(due_at, now) : null],
    ['changed', timeWords(updated_at, now)],
    ['key', delivery.idempotency_key],
  ];
  return table(rows.flatMap(([name, value]) => (value === null ? [] : [[`  ${name}`, printable(value)]])));
}

function whereTo(delivery: DeliveryDetails): string {
  const { kind, operation } = delivery;
  if (kind === BUILT_IN) return `Aftercall itself (${operation})`;
  return `${targetName(delivery)}${kind === '' ? '' : ` (${kind} ${operation})`}`;
}

function describeAttempts(attempts: readonly AttemptView[], colours: Colours): string {
  if (attempts.length === 0) return '  none\n';
  const rows = attempts.map((attempt) => ({
    cells: attemptCells(attempt).map(printable),
    paint: outcomePaint(attempt.outcome, colours),
  }));
  return paintedTable(['#', 'STARTED', 'TOOK', 'OUTCOME', 'HTTP', 'WHY'], rows, colours, '  ');
}

function attemptCells(attempt: AttemptView): string[] {
  const { number, started_at, duration_ms, outcome, reason, http_status, message, receipt } = attempt;
  const answered = receipt === null ? '' : `answered ${JSON.stringify(receipt)}`;
  const why = [reason === null ? '' : reasonWords(reason), message ?? '', answered].filter(Boolean);
  return [
    String(number),
    localTime(Date.parse(started_at)),
    durationWords(duration_ms),
    OUTCOME_WORDS[outcome],
    http_status === null ? '' : String(http_status),
    why.join(': '),
  ];
}

function describeInput({ input, state, kind }: DeliveryDetails): string {
  if (kind === BUILT_IN) return '  none\n';
  if (input !== null) return yamlBlock(input, '  ');
  return state === 'pending' || state === 'held'
    ? '  not rendered yet: that happens before the first attempt\n'
    : '  not kept\n';
}
