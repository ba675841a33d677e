import { type SourceConfig } from '../config/config.js';
import { type CompiledRuleSet } from '../config/live.js';
import { type EventRecord } from '../domain/event.js';
import { type DecidedEvent } from '../plan/decided-event.js';
import { readContactFacts } from '../plan/read-contact-facts.js';
import { type Store } from '../store/store.js';
import { type ReadCall } from './read-event.js';

/** What the store knows of a call before it is decided. */
export type Background = Pick<DecidedEvent, 'contactFacts' | 'causedBy'>;

/**
 * Asks the store for what the rules want to know of a stored event's call. The chain is that of its cause; the facts
 * are those of now, as nobody kept what was known of the contact when the call came in.
 */
export async function findBackground(
  store: Pick<Store, 'contactFacts' | 'findChain'>,
  ruleSet: CompiledRuleSet,
  { event, source, reading }: { event: EventRecord; source: SourceConfig; reading: ReadCall },
): Promise<Background> {
  const { cause, scope, contact, callId, receivedAt } = event;
  const { isMissed } = source.source.result(reading.call);
  const own = { scope, contact, source: event.source, callId, isMissed, receivedAt };
  const contactFacts = await readContactFacts({ store }, ruleSet, own, receivedAt);
  const chain = cause === null ? null : await store.findChain(cause);
  return { contactFacts, causedBy: chain?.rules };
}
