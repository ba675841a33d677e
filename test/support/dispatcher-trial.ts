import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Adapter, type SendRequest } from '../../src/adapters/adapter.js';
import { type Config, type DestinationConfig } from '../../src/config/config.js';
import { LiveConfig } from '../../src/config/live.js';
import { type AttemptReport } from '../../src/delivery/carrier.js';
import { Dispatcher } from '../../src/delivery/dispatcher.js';
import { type DestinationChange } from '../../src/delivery/lanes.js';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { DEFAULT_CONTACT_LIMITS } from '../../src/domain/contact-limits.js';
import {
  DELIVERY_REASONS,
  type Delivery,
  ORDINARY,
  type PlannedDelivery,
} from '../../src/domain/delivery.js';
import { DEFAULT_CONTACT_HOURS } from '../../src/domain/quiet-hours.js';
import { DEFAULT_RETRY_WAITS_MS } from '../../src/domain/retry-policy.js';
import { newId } from '../../src/lib/ids.js';
import { canonicalJson, type Json } from '../../src/lib/json.js';
import { RuleSetCache } from '../../src/plan/rule-set-cache.js';
import { InProcessQueue } from '../../src/queue/in-process/in-process-queue.js';
import { type ActionContent, type RuleSetContent } from '../../src/rules/rule.js';
import { source } from '../../src/sources/autocalls/autocalls.source.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { type Store } from '../../src/store/store.js';

const CALL = {
  id: 1,
  status: 'completed',
  extracted_variables: { summary: 'wants a demo' },
  customer_phone: '+4366412345',
};

type Answer = (request: SendRequest) => AttemptOutcome | Promise<AttemptOutcome>;

/** A dispatcher over a real store, with destinations of a kind that answers as the test says. Wants fake timers. */
export class DispatcherTrial {
  sent: SendRequest[] = [];
  reports: AttemptReport[] = [];
  changes: DestinationChange[] = [];
  answer: Answer = () => ({ outcome: 'delivered' });
  /** How far the clock is behind the timers, which may fire a moment early. */
  behindMs = 0;
  onTrouble: (error: unknown) => void = (error) => {
    throw error;
  };
  readonly queue = new InProcessQueue();
  readonly live: LiveConfig;
  dispatcher: Dispatcher;
  #calls = 0;

  private constructor(
    private readonly dir: string,
    readonly store: Store,
  ) {
    this.live = new LiveConfig(this.config());
    this.dispatcher = this.newDispatcher();
  }

  static async create(): Promise<DispatcherTrial> {
    const dir = await mkdtemp(join(tmpdir(), 'aftercall-dispatcher-'));
    return new DispatcherTrial(dir, await openSqliteStore({ file: join(dir, 'a.db'), thread: false }));
  }

  async remove(): Promise<void> {
    await this.dispatcher.stop(0);
    await this.store.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  newDispatcher(): Dispatcher {
    const { store, live, queue } = this;
    const unused = { send: () => Promise.reject(new Error('not used')) };
    return new Dispatcher({
      ...{ store, live, queue, http: unused, mail: unused, kinds: new Map() },
      clock: { now: () => Date.now() - this.behindMs },
      ruleSets: new RuleSetCache(store, live),
      print: () => undefined,
      random: () => 0.5,
      observe: (report) => void this.reports.push(report),
      onLane: (change) => void this.changes.push(change),
      onTrouble: (error) => this.onTrouble(error),
    });
  }

  /** The kind `desk` with one operation, `tell`. */
  readonly kind: Adapter = {
    kind: 'desk',
    description: 'A destination that answers as the test says.',
    options: z.object({}),
    operations: {
      tell: {
        description: 'Tells.',
        audience: 'system',
        input: z.strictObject({ text: z.string().optional() }),
      },
    },
    defaultOperation: 'tell',
    send: async (request) => {
      this.sent.push(request);
      return this.answer(request);
    },
  };

  destination(name: string, changes: Partial<DestinationConfig> = {}): DestinationConfig {
    const { kind } = this;
    return {
      ...{ name, adapter: kind, operations: kind.operations, defaultOperation: 'tell', options: {} },
      ...{ enabled: true, only: null, retryWaitsMs: [...DEFAULT_RETRY_WAITS_MS], timeoutMs: 1_000 },
      ...{ concurrency: 5, rate: null },
      ...changes,
    };
  }

  config(
    destinations = [this.destination('desk')],
    rules: RuleSetContent = ruleSet(),
    fingerprint = 'one',
  ): Config {
    const autocalls = {
      ...{ name: 'autocalls', source, tokens: [], allowIps: [], timezone: null, labels: {} },
      expectEveryMs: null,
    };
    return {
      ...{ dir: null, timezone: 'UTC', storage: '', queue: null, adminToken: null, tables: {} },
      ...{
        server: { host: '', port: 0, publicUrl: null, trustedProxies: [] },
        scopeLabel: null,
        zonePath: null,
      },
      ...{ contactHours: DEFAULT_CONTACT_HOURS, consentPath: null, contactMaxAgeMs: 86_400_000 },
      ...{ contactLimits: DEFAULT_CONTACT_LIMITS, maxChain: 3 },
      ...{ egressAllow: [], egressProxy: false, retention: { eventsMs: null, bodiesMs: null } },
      ...{ alerts: [], ruleSet: rules, fingerprint, warnings: [], secrets: [] },
      sources: new Map([['autocalls', autocalls]]),
      destinations: new Map(destinations.map((one) => [one.name, one])),
    };
  }

  /** Stores an event with deliveries, as intake does, and wakes the dispatcher. Answers their ids. */
  async plan(...planned: (Partial<PlannedDelivery> & { contact?: string })[]): Promise<string[]> {
    const { fingerprint, config } = this.live.current();
    await this.store.saveRuleSet(fingerprint, canonicalJson(config.ruleSet as unknown as Json));
    const deliveries = planned.map(({ contact: _contact, ...one }) => newDelivery(one));
    this.#calls += 1;
    await this.store.accept({
      ...{ id: newId(), intent: 'call', source: 'autocalls', eventKind: 'call' },
      ...{ callId: String(this.#calls), contentHash: String(this.#calls), scope: '', receivedAt: Date.now() },
      ...{ contact: planned[0]?.contact ?? null, labels: {}, contentType: null, problems: [], decisions: [] },
      ...{ raw: Buffer.from(JSON.stringify(CALL)), ruleSet: fingerprint, deliveries },
      ...{ cause: null, root: null, result: { status: null, isMissed: false } },
    });
    const nextDueAt = Math.min(...deliveries.map(({ dueAt }) => dueAt));
    this.queue.wake(
      deliveries.map(({ destination }) => ({ destination })),
      nextDueAt > Date.now() ? nextDueAt : undefined,
    );
    return deliveries.map(({ id }) => id);
  }

  async delivery(id: string | undefined): Promise<Delivery> {
    const found = await this.store.findDelivery(id ?? '');
    if (!found) throw new Error('no such delivery');
    return found;
  }

  async states(ids: readonly string[]): Promise<string[]> {
    return Promise.all(ids.map(async (id) => (await this.delivery(id)).state));
  }

  /** Reasons in the store that begin with no word of the closed list. */
  async oddReasons(): Promise<string[]> {
    const words: readonly string[] = DELIVERY_REASONS;
    const deliveries = await this.store.listDeliveries({ limit: 1000 });
    const reasons = deliveries.map(({ reason }) => reason).filter((reason) => reason !== null);
    return reasons.filter((reason) => !words.includes(reason.split(':')[0] ?? ''));
  }
}

function newDelivery(changes: Partial<PlannedDelivery>): PlannedDelivery {
  return {
    ...{ id: newId(), rule: 'r', action: 'a', destination: 'desk', kind: 'desk', operation: 'tell' },
    ...{ state: 'pending', reason: null, dueAt: Date.now(), onRevision: 'refresh', ordered: false },
    input: null,
    needs: [],
    ...ORDINARY,
    ...changes,
  };
}

/** One rule `r` with one action `a`. */
export function ruleSet(action: Partial<ActionContent> = {}): RuleSetContent {
  const actions: ActionContent[] = [
    {
      ...{ id: 'a', to: 'desk', do: null, with: {}, onlyIf: null, ifMissing: null, onRevision: 'refresh' },
      ...action,
    },
  ];
  const rule = {
    ...{ id: 'r', file: 'rules/r.yaml', title: null, state: 'live' as const, sources: 'all' as const },
    ...{ condition: { match: 'everything' }, missing: 'undecided' as const, stop: false, catchAll: false },
    ...{ order: 0, maxAgeMs: null, actions },
  };
  return { timezone: 'UTC', tables: {}, calendars: {}, templates: {}, rules: [rule] };
}

/** Lets the event loop turn until nothing more happens at this moment. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
