import { readFileSync } from 'node:fs';
import { type Config, type SourceConfig } from '../../src/config/config.js';
import { type LiveRuleSet } from '../../src/config/live.js';
import { source as autocalls } from '../../src/sources/autocalls/autocalls.source.js';
import {
  type AcceptResult,
  type Chain,
  type ContactFacts,
  type ContactFactsRequest,
  type NewEvent,
} from '../../src/store/store.js';

/** A store that keeps events in memory and tells duplicates from revisions the way the real ones do. */
export class FakeIntakeStore {
  readonly events: NewEvent[] = [];
  /** Thrown by the next calls, when set. */
  failure: Error | null = null;

  accept(event: NewEvent): Promise<AcceptResult> {
    if (this.failure) return Promise.reject(this.failure);
    const status = event.intent === 'call' ? 'accepted' : event.intent;
    const earlier = this.events.filter((known) => event.callId !== null && known.callId === event.callId);
    const same = earlier.find((known) => known.contentHash === event.contentHash);
    if (same) {
      const fired = same.decisions.filter(({ verdict, shadow }) => verdict === 'fired' && !shadow);
      return Promise.resolve({ status: 'duplicate', eventId: same.id, fired: fired.map(({ rule }) => rule) });
    }
    this.events.push(event);
    const revision = earlier.length + 1;
    return Promise.resolve({ status: revision > 1 ? 'revision' : status, eventId: event.id, revision });
  }

  /** What was asked about contacts. */
  readonly asked: ContactFactsRequest[] = [];
  facts: ContactFacts = {
    ...{ calls: 0, missed: 0, within: [], lastStatus: null, lastAt: null, openFollowUps: 0 },
  };

  contactFacts(request: ContactFactsRequest): Promise<ContactFacts> {
    this.asked.push(request);
    return Promise.resolve(this.facts);
  }

  /** By the id of a delivery. */
  readonly chains = new Map<string, Chain>();

  findChain(deliveryId: string): Promise<Chain | null> {
    return Promise.resolve(this.chains.get(deliveryId) ?? null);
  }
}

export function autocallsSource(changes: Partial<SourceConfig> = {}): SourceConfig {
  return {
    name: 'autocalls',
    source: autocalls,
    tokens: ['right-token'],
    allowIps: [],
    timezone: null,
    labels: { client: 'acme' },
    expectEveryMs: null,
    ...changes,
  };
}

/** A live configuration with these sources and nothing else that intake itself looks at. */
export function liveWith(sources: SourceConfig[], trustedProxies: string[] = []): { current(): LiveRuleSet } {
  const server = { host: '127.0.0.1', port: 0, publicUrl: null, trustedProxies };
  const byName = new Map(sources.map((source) => [source.name, source]));
  const config: Partial<Config> = { server, sources: byName, scopeLabel: null, destinations: new Map() };
  const live = { config, fingerprint: 'rules-1', factWindows: null } as unknown as LiveRuleSet;
  return { current: () => live };
}

/** Bytes of one file of `test/fixtures/autocalls`. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/autocalls/${name}.json`, import.meta.url));
}
