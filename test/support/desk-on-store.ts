import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Adapter, defineAdapter } from '../../src/adapters/adapter.js';
import { loadAdapters } from '../../src/adapters/catalogue.js';
import { type Config } from '../../src/config/config.js';
import { LiveConfig } from '../../src/config/live.js';
import { readConfig } from '../../src/config/read-config.js';
import { type AttemptOutcome } from '../../src/domain/attempt.js';
import { EventAcceptor } from '../../src/intake/accept-event.js';
import { RuleSetCache } from '../../src/plan/rule-set-cache.js';
import { keepRuleSet } from '../../src/reload.js';
import { Desk } from '../../src/replay/desk.js';
import { loadSources } from '../../src/sources/catalogue.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { type DeliveryUpdate, type Store } from '../../src/store/store.js';

/** Rings the contact of the call, or a number that it is told. */
const phone: Adapter = defineAdapter({
  kind: 'phone',
  description: 'Rings somebody up.',
  options: z.strictObject({}),
  operations: {
    ring: {
      description: 'Rings.',
      audience: 'contact',
      reaches: { channel: 'call' },
      input: z.strictObject({ say: z.string() }),
    },
    dial: {
      description: 'Rings a number.',
      audience: 'contact',
      reaches: { channel: 'call', addresses: ({ to }) => [to ?? null] },
      input: z.strictObject({ to: z.string() }),
    },
  },
  defaultOperation: 'ring',
  send: () => Promise.resolve({ outcome: 'delivered' as const }),
});

export const DESK_START = Date.parse('2026-11-24T09:00:00.000Z');

/** An action that sends the id of its call to `sink`. */
export const TO_SINK = { id: 'send', to: 'sink', with: { body: { id: '{{ id }}' } } };

/** A rule for completed calls. */
export function ruleWith(then: object[] = [TO_SINK], more: object = {}): object {
  return { match: { status: 'completed' }, then, ...more };
}

/** A desk on a store of its own, with a clock that stands still. */
export class DeskOnStore {
  readonly clock = { time: DESK_START, now: (): number => this.clock.time };
  /** Destinations that were woken, time by time. */
  readonly woken: string[][] = [];
  readonly closedLanes: Record<string, string> = {};
  readonly live: LiveConfig;
  readonly desk: Desk;

  private constructor(
    private readonly folder: string,
    readonly store: Store,
    config: Config,
    private readonly main: object,
  ) {
    this.live = new LiveConfig(config);
    this.desk = new Desk({
      ...{ store, live: this.live, clock: this.clock, ruleSets: new RuleSetCache(store, this.live) },
      wake: (destinations) => this.woken.push([...destinations]),
      laneReason: (destination) => this.closedLanes[destination] ?? null,
    });
  }

  /** @param main laid over `aftercall.yaml` */
  static async open(rules: object = { all: ruleWith() }, main: object = {}): Promise<DeskOnStore> {
    const folder = mkdtempSync(join(tmpdir(), 'aftercall-desk-'));
    const store = await openSqliteStore({ file: join(folder, 'aftercall.db'), thread: false });
    const opened = new DeskOnStore(folder, store, await configOf(rules, main), main);
    await keepRuleSet(store, opened.live.current().config);
    return opened;
  }

  configOf(rules: object): Promise<Config> {
    return configOf(rules, this.main);
  }

  async swapRules(rules: object): Promise<void> {
    const config = await this.configOf(rules);
    await keepRuleSet(this.store, config);
    this.live.swap(config);
  }

  /** Takes a completed call with these fields in, or a text as it is; answers the id of its event. */
  async accept(
    call: Record<string, unknown> | string = {},
    labels?: Record<string, string>,
  ): Promise<string> {
    const { store, live, clock } = this;
    const acceptor = new EventAcceptor({ store, live, queue: { wake: () => undefined }, clock });
    const content = typeof call === 'string' ? call : JSON.stringify({ id: 1, status: 'completed', ...call });
    const { body } = await acceptor.accept('autocalls', Buffer.from(content), { labels });
    return body.event_id;
  }

  /** Takes everything that is due and lets each attempt end like this. */
  async sendAll(state: DeliveryUpdate['state'], result: AttemptOutcome, input = '{"body":1}'): Promise<void> {
    const now = this.clock.now();
    const slots = { sink: 1000, off: 1000, dialer: 1000 };
    for (const { delivery } of await this.store.claim({ now, slots, leaseMs: 0 })) {
      const { id, fence } = delivery;
      await this.store.saveInput(id, fence, input);
      const attempt = { startedAt: now, durationMs: 5, result, charged: true };
      const reason = result.outcome === 'delivered' ? null : result.reason;
      await this.store.update({ id, fence, state, reason, dueAt: now, now, attempt });
    }
    this.clock.time += 1;
  }

  /** The delivery that was planned last. */
  async lastDelivery() {
    const [delivery] = (await this.desk.listDeliveries()).items;
    if (!delivery) throw new Error('there is no delivery');
    return delivery;
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** Configuration with these rules, as it would be read from files. */
async function configOf(rules: object, main: object): Promise<Config> {
  const [kinds, sourceKinds] = await Promise.all([loadAdapters(), loadSources()]);
  const http = { kind: 'http', url: 'https://sink.example.com' };
  const read = await readConfig({
    input: {
      sources: { autocalls: { kind: 'autocalls', token: 'a-token-of-16-signs', labels: { client: 'acme' } } },
      destinations: { sink: http, off: { ...http, enabled: false }, dialer: { kind: 'phone' } },
      rules,
      ...main,
    },
    env: {},
    kinds: new Map([...kinds, ['phone', phone]]),
    sourceKinds,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.config;
}
