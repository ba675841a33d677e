import { type AlertMessage } from '../config/alert-input.js';
import { type JsonObject } from '../lib/json.js';
import { type StoredAlert } from '../store/store.js';
import { timeWords } from './time-words.js';

/** Lines of one message; what is beyond them is counted. A person reads no more, and chats cut long texts. */
const MOST_LINES = 30;

const HEADLINES: Readonly<Record<string, string>> = {
  dead: 'deliveries died',
  held: 'deliveries are held',
  undecided: 'a rule is often undecided',
  quarantined: 'webhooks could not be read',
  unauthorized: 'credentials were refused',
  rejected_configuration: 'a configuration was rejected',
  silent_source: 'a source is silent',
  destination_open: 'a destination keeps failing',
};

/**
 * Alerts that go to one entry together, as one message. The same alerts give the same words however late they go
 * out, which may be after hours of waiting for the destination: so each line says of when it is.
 */
export function composeMessage(alerts: readonly StoredAlert[]): AlertMessage {
  const lines = alerts.map(lineOf);
  const shown = lines.slice(0, MOST_LINES);
  const more = lines.length - shown.length;
  if (more > 0) shown.push(`and ${more} more. Look: aftercall deliveries list`);
  const text =
    shown.length === 1 ? `Aftercall, ${shown[0]}` : ['Aftercall:', ...shown.map(bullet)].join('\n');
  const subject = `Aftercall: ${headlines(alerts)}`;
  const count = alerts.reduce((sum, alert) => sum + alert.count, 0);
  return { text, subject, count, alerts: alerts.map(asData) };
}

function lineOf({ line, createdAt, passedOver }: StoredAlert): string {
  const more = passedOver === 0 ? '' : ` (${passedOver} more of the same went before)`;
  return `${timeWords(createdAt)}: ${line}${more}`;
}

function bullet(line: string): string {
  return `- ${line}`;
}

function headlines(alerts: readonly StoredAlert[]): string {
  const reasons = [...new Set(alerts.map(({ reason }) => reason))];
  return reasons.map((reason) => HEADLINES[reason] ?? reason).join(', ');
}

function asData(alert: StoredAlert): JsonObject {
  const { reason, cause, count, line, passedOver, createdAt } = alert;
  return { reason, cause, count, line, passed_over: passedOver, at: new Date(createdAt).toISOString() };
}
