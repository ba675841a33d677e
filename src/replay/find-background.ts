import { type SourceConfig } from '../config/config.js';
import { type CompiledRuleSet } from '../config/live.js';
import { type EventRecord } from '../domain/event.js';
import { causeOf } from '../domain/loop-guard.js';
import { type DecidedEvent } from '../plan/decided-event.js';
import { readContactFacts } from '../plan/read-contact-facts.js';
import { type Store } from '../store/store.js';
import { type ReadCall } from './read-event.js';

/** What the store knows of a call before it is decided. */
export interface Background extends Pick<DecidedEvent, 'contactFacts' | 'causedBy'> {
  /** The delivery that caused it, and the event with which all of it began; null where it is not ours. */
  cause: string | null;
  root: string | null;
}

/**
 * Asks the store for what the rules want to know of a stored event's call. The chain is that of its cause; the facts
 * are those of now, as nobody kept what was known of the contact when the call came in.
 */
export async function findBackground(
  store: Pick<Store, 'contactFacts' | 'findChain'>,
  ruleSet: CompiledRuleSet,
  { event, source, reading }: { event: EventRecord; source: SourceConfig; reading: ReadCall },
): Promise<Background> {
  const { scope, contact, callId, receivedAt } = event;
  const { isMissed } = source.source.result(reading.call);
  const own = { scope, contact, source: event.source, callId, isMissed, receivedAt };
  const contactFacts = await readContactFacts({ store }, ruleSet, own, receivedAt);
  const cause = causeIn(event, reading);
  const chain = cause === null ? null : await store.findChain(cause);
  if (chain === null) return { contactFacts, cause: null, root: null };
  return { contactFacts, causedBy: chain.rules, cause, root: chain.root };
}

/** What could not be read when it came in was stored without its cause. */
function causeIn({ status, cause }: EventRecord, reading: ReadCall): string | null {
  return status === 'quarantined' && reading.as === 'call' ? causeOf(reading.call) : cause;
}
