import { type SourceConfig } from '../config/config.js';
import { type CompiledRuleSet } from '../config/live.js';
import { type EventRecord } from '../domain/event.js';
import { causeOf } from '../domain/loop-guard.js';
import { type Background, findBackground } from '../plan/find-background.js';
import { type ReadCall } from '../sources/source.js';
import { type Store } from '../store/store.js';

/** The same for an event that is stored already. */
export function findBackgroundAgain(
  store: Pick<Store, 'contactFacts' | 'findChain'>,
  ruleSet: CompiledRuleSet,
  { event, source, reading }: { event: EventRecord; source: SourceConfig; reading: ReadCall },
): Promise<Background> {
  const { scope, contact, callId, receivedAt } = event;
  return findBackground(store, ruleSet, causeIn(event, reading), () => {
    const { isMissed } = source.source.result(reading.call);
    return { scope, contact, source: event.source, callId, isMissed, receivedAt };
  });
}

/** What could not be read when it came in was stored without its cause. */
function causeIn({ status, cause }: EventRecord, reading: ReadCall): string | null {
  return status === 'quarantined' && reading.as === 'call' ? causeOf(reading.call) : cause;
}
