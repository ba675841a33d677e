import { type CompiledRuleSet } from '../config/live.js';
import { type JsonObject } from '../lib/json.js';
import { type Store } from '../store/store.js';
import { type OwnCall, readContactFacts } from './read-contact-facts.js';

/** What the store knows of a call before it is decided. */
export interface Background {
  /** The delivery that caused it, and the event with which all of it began; null where it is not ours. */
  cause: string | null;
  root: string | null;
  causedBy: readonly string[];
  contactFacts: JsonObject | undefined;
}

const NONE: Background = { cause: null, root: null, causedBy: [], contactFacts: undefined };

/**
 * Most calls are not ours and most rules ask for no facts: then the store is not asked. Facts are those of the time at
 * which the call was received, as far as the store still knows them.
 * @param cause the delivery that the call names
 * @param ownCall asked only where facts are wanted
 */
export async function findBackground(
  store: Pick<Store, 'contactFacts' | 'findChain'>,
  ruleSet: Pick<CompiledRuleSet, 'factWindows'>,
  cause: string | null,
  ownCall: () => OwnCall,
): Promise<Background> {
  const wantsFacts = ruleSet.factWindows !== null;
  if (cause === null && !wantsFacts) return NONE;
  const [chain, contactFacts] = await Promise.all([
    cause === null ? null : store.findChain(cause),
    wantsFacts ? readContactFacts({ store }, ruleSet, ownCall()) : undefined,
  ]);
  if (chain === null) return { ...NONE, contactFacts };
  return { cause, root: chain.root, causedBy: chain.rules, contactFacts };
}
