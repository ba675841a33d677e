import { type Adapter } from '../adapters/adapter.js';
import { type LiveConfig } from '../config/live.js';
import { type IfUnknown } from '../domain/delivery.js';
import { type HttpClient } from '../egress/http-client.js';
import { type MailClient } from '../egress/mail-client.js';
import { type Clock } from '../lib/clock.js';
import { type RuleSetCache } from '../plan/rule-set-cache.js';
import { type Store } from '../store/store.js';

/** What sending needs from the outside; one per process. */
export interface SendTools {
  store: Store;
  live: LiveConfig;
  ruleSets: RuleSetCache;
  http: HttpClient;
  mail: MailClient;
  clock: Clock;
  kinds: ReadonlyMap<string, Adapter>;
  print: (line: string) => void;
}

/** How the attempts of one delivery are made: as its action says, else its destination. */
export interface Terms {
  retryWaitsMs: readonly number[];
  timeoutMs: number;
  ifUnknown: IfUnknown;
}
