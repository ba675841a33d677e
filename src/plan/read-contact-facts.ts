import { type CompiledRuleSet } from '../config/live.js';
import { contactFacts } from '../domain/contact-facts.js';
import { type JsonObject } from '../lib/json.js';
import { type Store } from '../store/store.js';

/** The call for which it is asked. */
export interface OwnCall {
  scope: string;
  contact: string | null;
  source: string;
  /** Null where the vendor gave none. */
  callId: string | null;
  isMissed: boolean;
  receivedAt: number;
}

/** Facts about the contact of a call, for `contact.…`; undefined where no rule asks, or there is no contact. */
export async function readContactFacts(
  { store }: { store: Pick<Store, 'contactFacts'> },
  { factWindows }: Pick<CompiledRuleSet, 'factWindows'>,
  { scope, contact, source, callId, isMissed, receivedAt }: OwnCall,
  now = receivedAt,
): Promise<JsonObject | undefined> {
  if (factWindows === null || contact === null) return undefined;
  const words = [...factWindows.keys()];
  const { within, ...history } = await store.contactFacts({
    ...{ scope, contact, now, windowsMs: [...factWindows.values()] },
    except: callId === null ? null : { source, callId },
  });
  const counts = within.map((one, nth) => [words[nth] ?? '', one] as const);
  return contactFacts({ ...history, within: new Map(counts) }, { isMissed, ageMs: now - receivedAt });
}
