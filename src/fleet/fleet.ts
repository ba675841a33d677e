import { hostname } from 'node:os';
import { type LiveConfig } from '../config/live.js';
import { type Role } from '../domain/role.js';
import { type Clock } from '../lib/clock.js';
import { type DeliveryQueue } from '../queue/queue.js';
import { type LaneReport, type ProcessReport, type Store, type StoredProcess } from '../store/store.js';
import { FleetLanes, lanesToTell } from './fleet-lanes.js';
import { Heartbeat } from './heartbeat.js';
import { type Leader } from './leader.js';
import { Reconciler } from './reconciler.js';
import { Signals } from './signals.js';

/** What this process's own dispatcher offers; the lanes it runs. */
export interface OwnLanes {
  lanes(): LaneReport[];
  followPauses(settings: Record<string, string>): void;
  setPaused(name: string, paused: boolean): void;
  probe(destinations: readonly string[]): void;
}

export interface FleetOptions {
  store: Store;
  queue: DeliveryQueue;
  live: LiveConfig;
  clock: Clock;
  leader: Leader;
  id: string;
  role: Role;
  version: string;
  /** Null: this process does not deliver. */
  own: OwnLanes | null;
  /** Told how long the oldest of what is due has been waiting. */
  onLook: (oldestMs: number) => void;
  onClockApart: (apartMs: number) => void;
  onTrouble: (error: unknown) => void;
}

/** This process among all that work on one store. Alone on its store it has nobody to talk to. */
export class Fleet {
  readonly lanes: FleetLanes;
  readonly #options: FleetOptions;
  readonly #heartbeat: Heartbeat;
  readonly #signals: Signals;
  readonly #reconciler: Reconciler;
  readonly #startedAt: number;

  constructor(options: FleetOptions) {
    const { own, leader, clock } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#heartbeat = new Heartbeat({ ...options, report: () => this.report() });
    this.lanes = new FleetLanes({
      clock,
      own: () => own?.lanes() ?? [],
      others: () => this.#heartbeat.others(),
    });
    this.#signals = new Signals({
      ...options,
      onSettings: (settings) => {
        own?.followPauses(settings);
        this.lanes.followPauses(settings);
      },
      onProbe: (destinations) => own?.probe(destinations),
    });
    this.#reconciler = new Reconciler({
      ...options,
      leads: leader.leads,
      lookAtGone: (destinations) => this.#lookAtGone(destinations),
    });
  }

  /** Before the dispatcher: it asks who leads and what is paused. */
  async start(): Promise<void> {
    await this.#options.leader.start();
    await this.#signals.start();
    await this.#heartbeat.start();
    if (this.#options.own !== null) this.#reconciler.start();
  }

  /** Before the dispatcher stops: nobody is woken any more. The lead is kept until {@link Fleet.leave}. */
  async stop(): Promise<void> {
    await Promise.all([this.#reconciler.stop(), this.#signals.stop()]);
  }

  /** The last before the store closes. */
  async leave(): Promise<void> {
    await this.#heartbeat.stop();
    await this.#options.leader.stop();
  }

  report(): ProcessReport {
    const { id, role, version, live, own } = this.#options;
    const ruleSet = live.current().fingerprint;
    const lanes = lanesToTell(own?.lanes() ?? []);
    return { id, role, host: hostname(), version, ruleSet, startedAt: this.#startedAt, lanes };
  }

  processes(): Promise<StoredProcess[]> {
    return this.#heartbeat.processes();
  }

  /** While others run other rules, these may be new there and not gone: they are woken for them, if anybody is. */
  #lookAtGone(destinations: readonly string[]): void {
    const { own, queue, live } = this.#options;
    const { fingerprint } = live.current();
    const isKnownElsewhere = this.#heartbeat.others().some(({ ruleSet }) => ruleSet !== fingerprint);
    if (isKnownElsewhere) queue.wake(destinations.map((destination) => ({ destination })));
    else own?.probe(destinations);
  }

  /** A person asked for these to be looked at: here, and wherever else somebody delivers. */
  probe(destinations: readonly string[]): void {
    const { own, queue, store, onTrouble } = this.#options;
    own?.probe(destinations);
    if (!store.isShared) return;
    queue.wake(destinations.map((destination) => ({ destination })));
    this.#signals.probe(destinations).catch(onTrouble);
  }

  setPaused(name: string, paused: boolean): void {
    this.#options.own?.setPaused(name, paused);
    this.lanes.setPaused(name, paused);
  }
}
