import { redactEmails, redactPhones } from '../lib/redact.js';
import { type Trouble } from '../store/store.js';
import { type Finding } from './finding.js';

/** Reasons that a destination gives alike to whatever is sent there; every other one is a matter of the rule, too. */
const OF_THE_DESTINATION: readonly string[] = [
  ...['rate_limited', 'server_error', 'unauthorized', 'timeout', 'connection', 'dns', 'tls', 'redirect'],
  ...['address_forbidden', 'response_too_large', 'offline', 'internal', 'unknown', 'destination_gone'],
];

/** Names in one line; the rest is counted. */
const MOST_NAMES = 5;
/** Characters of a stored reason; one may list many missing paths. */
const LONGEST_REASON = 200;

/**
 * What the store found wrong, one finding for each cause: a destination that fails alike for all rules is one cause,
 * whatever a rule may be to blame for is one cause for that rule.
 */
export function describeTroubles(troubles: readonly Trouble[]): Finding[] {
  const byCause = new Map<string, [Trouble, ...Trouble[]]>();
  for (const trouble of troubles) {
    const cause = causeOf(trouble);
    const those = byCause.get(cause);
    if (those) those.push(trouble);
    else byCause.set(cause, [trouble]);
  }
  return [...byCause].map(([cause, those]) => {
    const count = those.reduce((sum, trouble) => sum + trouble.count, 0);
    const { reason } = those[0];
    const line = reason === 'quarantined' ? quarantinedLine(those, count) : deliveryLine(those, count);
    return { reason, cause, line, count };
  });
}

function causeOf({ reason, name, rule, why }: Trouble): string {
  if (reason === 'quarantined') return `quarantined ${name}`;
  const word = why.split(':')[0] ?? '';
  const parts = OF_THE_DESTINATION.includes(word) ? [name, word] : [name, rule, word];
  return [reason, ...parts].join(' ');
}

function quarantinedLine([{ name, exampleId }]: [Trouble, ...Trouble[]], count: number): string {
  const what = count === 1 ? '1 webhook' : `${count} webhooks`;
  const are = count === 1 ? 'is' : 'are';
  const next = `aftercall events show ${exampleId}`;
  return `${what} of source ${name} could not be read and ${are} kept as quarantined. ${lookAt(count)} ${next}`;
}

function deliveryLine(those: [Trouble, ...Trouble[]], count: number): string {
  const [{ reason, name, exampleId }] = those;
  const what = count === 1 ? '1 delivery' : `${count} deliveries`;
  const to = name === '' ? 'without a destination' : `to ${name}`;
  const happened = reason === 'dead' ? 'died' : count === 1 ? 'is held' : 'are held';
  const why = listed(those.map((trouble) => reasonWords(trouble.why)));
  const rules = [...new Set(those.map(({ rule }) => rule))];
  const by = `${rules.length === 1 ? 'rule' : 'rules'} ${listed(rules)}`;
  return `${what} ${to} ${happened} (${why}; ${by}). ${lookAt(count)} aftercall deliveries show ${exampleId}`;
}

function lookAt(count: number): string {
  return count === 1 ? 'Look:' : 'One of them:';
}

/** What was said in the call stands in them, for whoever looks at the delivery. */
const QUOTES_THE_CALL: readonly string[] = ['unreadable_time', 'past_time', 'too_far_ahead'];

/** Reasons name paths and words of ours; should another one ever quote a value, it is of no use here. */
function reasonWords(why: string): string {
  const word = why.split(':')[0] ?? '';
  if (QUOTES_THE_CALL.includes(word)) return word;
  const safe = redactEmails(redactPhones(why)).replace(/\s+/g, ' ').trim();
  return safe.length <= LONGEST_REASON ? safe : `${safe.slice(0, LONGEST_REASON)}…`;
}

function listed(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, MOST_NAMES).join(', ');
  const more = unique.length - MOST_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
