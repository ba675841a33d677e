import { type Outcome } from '../domain/attempt.js';
import { type DeliveryReason } from '../domain/delivery.js';

const REASON_WORDS: Record<DeliveryReason, string> = {
  rate_limited: 'the destination asked to slow down',
  server_error: 'the destination answered with an error of its own',
  client_error: 'the destination did not accept the request',
  unauthorized: 'the destination refused the credentials',
  timeout: 'no answer in time',
  connection: 'the connection failed',
  dns: 'the name of the destination was not found',
  tls: 'no trusted TLS connection came about',
  redirect: 'the destination redirected, which is not followed',
  address_forbidden: 'its address is not one that may be reached (egress.allow)',
  response_too_large: 'the answer was too large',
  offline: 'our own network does not work',
  invalid_input: 'the input does not fit the operation',
  refused: 'the destination answered that it does not want it',
  internal: 'something went wrong inside Aftercall',
  unknown: 'sent, but nobody knows whether it arrived',
  only_if: 'its only_if did not hold',
  undecided: 'its only_if could not be decided',
  missing: 'a value is missing',
  fenced: 'the destination is fenced off from this source (only)',
  too_old: 'the call was older than the max_age of the rule',
  unchanged: 'it would not have differed from what was sent',
  revised: 'a revision of the call took it back',
  replayed: 'a replay of its event',
  by_person: 'taken back by a person',
  destination_gone: 'the destination is not in the configuration',
  destination_disabled: 'the destination is disabled',
  destination_paused: 'the destination is paused',
  destination_open: 'the destination keeps failing and is probed now and then',
  no_row: 'the table has no row for it',
  unknown_operation: 'the destination has no such operation',
  rule_set_gone: 'the rules that planned it are gone',
  event_unreadable: 'its event cannot be read any more',
  test: 'a test call is only rendered',
  waits_for: 'another action of its rule comes first',
  needed: 'an action whose result it needs came to nothing',
  follow_up: 'due later',
  later_call: 'a later call took it back',
  rule_fired: 'a rule that fired on a later call took it back',
  late: 'its time was over for too long',
  unreadable_time: 'the time that was asked for cannot be read',
  past_time: 'the time that was asked for is over',
  too_far_ahead: 'the time that was asked for is too far ahead',
  never_open: 'its window does not open',
  stopped: 'the contact is not to be reached',
  no_consent: 'the contact did not agree to be reached',
  consent_missing: 'nothing says whether the contact agreed to be reached',
  zone_unknown: 'nothing tells where the contact is, and what time it is there',
  quiet_hours: 'it is too early or too late where the contact is',
  outside_window: 'its window is closed',
  contact_limit: 'the contact was reached as often as it may be',
  max_chain: 'one call led to as many calls as it may',
  no_contact: 'the call names no contact',
  repeated: 'one of the same kind waits for this contact already',
  replaced: 'a newer one took its place',
  once_per: 'it happened within that time already',
  digest: 'told in one message with others',
  snoozed: 'a person moved it',
  rules_changed: 'the rules changed while it waited',
};

/** What `missing: lead.variables.email` means; details stay as they are, unknown words too. */
export function reasonWords(reason: string): string {
  const [word = '', ...rest] = reason.split(': ');
  const words = wordsOf(word);
  if (words === undefined) return reason;
  const detail = rest.join(': ');
  if (detail === '') return words;
  // With its age it comes from the gate, which goes by the limit for all rules.
  if (word === 'too_old') return `the call is too old to reach its contact (contacts.max_age): ${detail}`;
  if (word === 'stopped') return `${words} (asked by ${whoAsked(detail)})`;
  return word === 'unknown' ? `${words} (${whyUnknown(detail)})` : `${words}: ${detail}`;
}

/** Who put a contact on the list: a person, or an action of a rule. */
export function whoAsked(reason: string): string {
  return reason === 'by_person' ? 'a person' : reason;
}

/** The same where it is said already that something is due later: how its time came about. */
export function whyLater(reason: string): string {
  const how = withoutLater(reason);
  return how === reason ? reasonWords(reason) : how;
}

/** `2 days after the call: …` of `follow_up: 2 days after the call: …`. */
export function withoutLater(reason: string): string {
  return reason.startsWith(LATER) ? reason.slice(LATER.length) : reason;
}

const LATER = 'follow_up: ';

/** `interrupted`: the process ended between sending and recording. */
function whyUnknown(detail: string): string {
  return detail === 'interrupted' ? 'Aftercall was stopped meanwhile' : (wordsOf(detail) ?? detail);
}

function wordsOf(word: string): string | undefined {
  return Object.hasOwn(REASON_WORDS, word) ? REASON_WORDS[word as DeliveryReason] : undefined;
}

/** What an attempt came to. */
export const OUTCOME_WORDS: Record<Outcome, string> = {
  delivered: 'delivered',
  retry: 'failed for now',
  rejected: 'rejected',
  unauthorized: 'unauthorized',
  unknown: 'unknown',
};
