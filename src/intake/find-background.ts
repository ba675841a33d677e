import { type SourceConfig } from '../config/config.js';
import { type LiveRuleSet } from '../config/live.js';
import { contactOf } from '../domain/contact.js';
import { causeOf } from '../domain/loop-guard.js';
import { type JsonObject } from '../lib/json.js';
import { readContactFacts } from '../plan/read-contact-facts.js';
import { scopeOf } from '../plan/scope-of.js';
import { type Reading } from '../sources/source.js';
import { type Store } from '../store/store.js';

/** One webhook on its way in. */
export interface Received {
  live: LiveRuleSet;
  source: SourceConfig;
  labels: Record<string, string>;
  eventId: string;
  receivedAt: number;
  raw: Uint8Array;
  contentType: string | null;
}

export type ReadCall = Exclude<Reading, { as: 'unreadable' }>;

/** What the store knows of a call before it is decided. */
export interface Background {
  /** The delivery that caused it, and the event with which all of it began; null where it is not ours. */
  cause: string | null;
  root: string | null;
  causedBy: readonly string[];
  contactFacts: JsonObject | undefined;
}

const NONE: Background = { cause: null, root: null, causedBy: [], contactFacts: undefined };

/** Most calls are not ours and most rules ask for no facts: then the store is not asked. */
export async function findBackground(
  { store }: { store: Pick<Store, 'contactFacts' | 'findChain'> },
  received: Received,
  reading: ReadCall,
): Promise<Background> {
  const cause = reading.as === 'call' ? causeOf(reading.call) : null;
  if (cause === null && received.live.factWindows === null) return NONE;
  const [chain, contactFacts] = await Promise.all([
    cause === null ? null : store.findChain(cause),
    findFacts(store, received, reading),
  ]);
  if (chain === null) return { ...NONE, contactFacts };
  return { cause, root: chain.root, causedBy: chain.rules, contactFacts };
}

function findFacts(
  store: Pick<Store, 'contactFacts'>,
  { live, source, labels, receivedAt }: Received,
  reading: ReadCall,
): Promise<JsonObject | undefined> {
  const { isMissed } = source.source.result(reading.call);
  const own = {
    ...{ scope: scopeOf(live.config, labels), contact: contactOf(reading.call.customer_phone).phone },
    ...{ source: source.name, callId: reading.as === 'call' ? reading.callId : null, isMissed, receivedAt },
  };
  return readContactFacts({ store }, live, own, receivedAt);
}
