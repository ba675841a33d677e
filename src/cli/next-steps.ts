import { type DeliveryReason } from '../domain/delivery.js';
import { type DeliveryDetails, type DeliveryView } from '../replay/views.js';

/** Something to do and the command for it. */
interface Step {
  words: string;
  command: string;
}

type SteppedDelivery = DeliveryView & Partial<Pick<DeliveryDetails, 'contact'>>;

/**
 * What a person can do with a delivery in its state, each command on a line of its own; empty for nothing.
 * @param flags that lead a command to the same desk, with a space before them
 */
export function nextSteps(delivery: SteppedDelivery, flags: string): string {
  return stepsFor(delivery)
    .map(({ words, command }) => `${words}\n  aftercall ${command}${flags}\n`)
    .join('');
}

function stepsFor(delivery: SteppedDelivery): Step[] {
  const { id, state } = delivery;
  const orCancel = (steps: Step[]) => {
    const words = steps.length === 0 ? `${state}: take it back with` : 'or take it back with';
    return [...steps, step(words, `deliveries cancel ${id}`)];
  };
  if (state === 'held') return orCancel(releaseSteps(delivery));
  if (state === 'dead') return orCancel(retrySteps(delivery));
  if (state === 'pending') return orCancel(waitSteps(delivery));
  return state === 'canceled' || state === 'skipped' ? replaySteps(delivery) : [];
}

/** A replay asks the same gates once more. */
function replaySteps({ event_id, state, reason, contact }: SteppedDelivery): Step[] {
  const replay = `events replay ${event_id}`;
  switch (firstWord(reason)) {
    case 'stopped':
      return [
        ...(contact ? [step(`${state}: if it may be reached again, say`, `contact allow ${contact}`)] : []),
        step(contact ? 'and decide its event anew with' : `${state}: decide its event anew with`, replay),
      ];
    case 'too_old':
      return [step(`${state}: with a longer max_age, decide its event anew with`, `${replay} --rules now`)];
    default:
      return [step(`${state}: decide its event anew with`, replay)];
  }
}

function releaseSteps({ id, event_id, reason }: DeliveryView): Step[] {
  const release = `deliveries release ${id}`;
  const replay = `events replay ${event_id} --rules now`;
  switch (firstWord(reason)) {
    case 'unknown':
      return [
        step(
          'held: look at the destination; if it is not there, release it under the same key with',
          release,
        ),
      ];
    case 'missing':
      return [
        step('held: release it with the value,', `${release} --set <field>=<value>`),
        step('or without (mark shows the gap, empty leaves it blank) with', `${release} --if-missing omit`),
      ];
    case 'invalid_input':
      return [step('held: release it with a value that fits,', `${release} --set <field>=<value>`)];
    case 'destination_gone':
    case 'unknown_operation':
      return [step('held: bring its destination back into the configuration, then release it with', release)];
    case 'no_row':
      return [step('held: add the row to the table, then decide its event anew with', replay)];
    case 'rule_set_gone':
      return [step('held: decide its event anew with', replay)];
    case 'event_unreadable':
    case 'no_contact':
      // Released, it would be asked the same of the same call once more.
      return [];
    case 'unreadable_time':
    case 'past_time':
    case 'too_far_ahead':
    case 'never_open':
      return [step('held: look at the time that was asked for; release it to send it at once with', release)];
    case 'max_chain':
      return [
        step(
          'held: mend the rules that lead to more calls, or raise max_chain; then release it with',
          release,
        ),
      ];
    case 'consent_missing':
      return [step('held: if the contact agreed to be reached, release it with', release)];
    case 'zone_unknown':
      return [
        step(
          'held: tell the zone of its contacts (contacts.zone, or timezone of the source), then release it with',
          release,
        ),
      ];
    default:
      return [step('held: release it with', release)];
  }
}

/** A retry sends the same bytes: of no use where the destination refused just these. */
function retrySteps({ id, event_id, reason }: DeliveryView): Step[] {
  const retry = `deliveries retry ${id}`;
  switch (firstWord(reason)) {
    case 'client_error':
    case 'invalid_input':
    case 'refused':
      return [
        step('dead: if the destination takes it now, retry it with', retry),
        step('or mend the rule and decide its event anew with', `events replay ${event_id} --rules now`),
      ];
    case 'address_forbidden':
      return [step('dead: mend the address or open it under egress.allow, then retry it with', retry)];
    default:
      return [step('dead: retry it with', retry)];
  }
}

function waitSteps({ id, reason }: DeliveryView): Step[] {
  const word = firstWord(reason);
  // Another delivery has the time.
  if (word === 'waits_for' || word === 'digest') return [];
  if (LATER.has(word))
    return [
      step('pending: it is due later; send it at once with', `followups run-now ${id}`),
      step('or put it off with', `followups snooze ${id} --by 2h`),
    ];
  const words =
    word === 'destination_disabled' || word === 'destination_paused'
      ? 'pending: it goes out when its destination takes deliveries again; bring its attempt forward with'
      : 'pending: bring its next attempt forward with';
  return [step(words, `deliveries retry ${id}`)];
}

/** Reasons of what waits for a time of its own, or for one at which the contact may be reached. */
const LATER: ReadonlySet<string> = new Set([
  'follow_up',
  'snoozed',
  'rules_changed',
  'quiet_hours',
  'outside_window',
  'contact_limit',
] satisfies DeliveryReason[]);

function step(words: string, command: string): Step {
  return { words, command };
}

function firstWord(reason: string | null): string {
  return reason?.split(':')[0] ?? '';
}
