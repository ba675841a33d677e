import { type LiveRuleSet } from '../config/live.js';
import { contactFacts } from '../domain/contact-facts.js';
import { contactOf } from '../domain/contact.js';
import { type JsonObject } from '../lib/json.js';
import { type Reading } from '../sources/source.js';
import { type SimulatedCall } from './simulated-call.js';

/**
 * What a store would know about the contact if it had taken the earlier calls, just before this one; undefined where no
 * rule asks. There are no follow-ups: nothing was ever planned.
 */
export function simulatedFacts(
  { factWindows }: Pick<LiveRuleSet, 'factWindows'>,
  earlier: readonly SimulatedCall[],
  call: SimulatedCall,
): JsonObject | undefined {
  const phone = phoneOf(call.reading);
  if (factWindows === null || phone === null) return undefined;
  const others = earlier.filter(
    ({ reading }) => phoneOf(reading) === phone && isOther(reading, call.reading),
  );
  const missed = others.filter((other) => resultOf(other)?.isMissed === true).length;
  const counts = { calls: others.length, missed };
  const last = others.at(-1);
  const history = {
    ...counts,
    ...{ lastStatus: last ? (resultOf(last)?.status ?? null) : null, lastAt: last?.receivedAt ?? null },
    within: new Map([...factWindows].map(([word, windowMs]) => [word, { ...counts, windowMs }])),
    openFollowUps: 0,
  };
  return contactFacts(history, { isMissed: resultOf(call)?.isMissed ?? false, ageMs: 0 });
}

function phoneOf(reading: Reading): string | null {
  return reading.as === 'unreadable' ? null : contactOf(reading.call.customer_phone).phone;
}

function resultOf({ source, reading }: SimulatedCall) {
  return reading.as === 'unreadable' ? undefined : source.source.result(reading.call);
}

/** Another content of the same call is no call more. */
function isOther(a: Reading, b: Reading): boolean {
  return a.as !== 'call' || b.as !== 'call' || a.callId !== b.callId;
}
