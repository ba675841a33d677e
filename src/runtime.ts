import { type Adapter } from './adapters/adapter.js';
import { loadAdapters } from './adapters/catalogue.js';
import { Alerts } from './alerts/alerts.js';
import { type AdminApi } from './api/admin-api.js';
import { followAdminToken } from './api/admin-token.js';
import { DestinationDesk } from './api/destination-desk.js';
import { type Config, type ConfigProblem } from './config/config.js';
import { LiveConfig } from './config/live.js';
import { type ConfigInput, type ConfigReading, formatProblem, readConfig } from './config/read-config.js';
import { Dispatcher } from './delivery/dispatcher.js';
import { RuleSetCache } from './plan/rule-set-cache.js';
import { type Role, does } from './domain/role.js';
import { createEgress } from './egress/egress.js';
import { type OwnListener } from './egress/own-listener.js';
import { Fleet } from './fleet/fleet.js';
import { Leader } from './fleet/leader.js';
import { EventAcceptor } from './intake/accept-event.js';
import { HookHandler } from './intake/hook-handler.js';
import { takeBackFollowUps } from './intake/take-back-follow-ups.js';
import { type Clock, systemClock } from './lib/clock.js';
import { newId } from './lib/ids.js';
import { type openBullmqQueue } from './queue/bullmq/bullmq-queue.js';
import { InProcessQueue } from './queue/in-process/in-process-queue.js';
import { type DeliveryQueue } from './queue/queue.js';
import { Desk } from './replay/desk.js';
import { loadSources } from './sources/catalogue.js';
import { followFiles, keepRuleSet } from './reload.js';
import { Retention } from './retention.js';
import {
  countDecisions,
  describeProcess,
  observeAttempt,
  observeLane,
  observeLead,
  observeRecovered,
  troubleLog,
} from './observe.js';
import { openStore, readStorage } from './open-store.js';
import { type LaneReport, type Store, StoreRefusedError } from './store/store.js';
import { logAlert } from './telemetry/alert-log.js';
import { type Logger, createLogger } from './telemetry/log.js';
import { Metrics } from './telemetry/metrics.js';
import { settleTokens } from './tokens.js';
import { version } from './version.js';

/** A configuration that cannot be used; the message lists every problem of every file, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'));
  }
}

export interface RuntimeOptions {
  /** Folder of configuration files, or the same content as an object. Default `./config`. */
  config: ConfigInput;
  /** Destination kinds of the host application, beside the built-in ones. */
  kinds?: readonly Adapter[];
  /** What this process does. Default: everything. Other roles need a store that several may use. */
  role?: Role;
  env?: NodeJS.ProcessEnv;
  clock?: Clock;
  logLevel?: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** Runs the store in its own thread, so that a stalled disk never stops the event loop. Default true. */
  storeThread?: boolean;
  /** Opens another store than the one that `storage:` names, e.g. that one in a wrapper. */
  openStore?: (config: Config) => Promise<Store>;
  /** How long a claim is this process's unless it is renewed, on a shared store. Default 15 s. */
  leaseMs?: number;
  /** Where the `log` kind prints. Default: standard output. */
  print?: (line: string) => void;
  /** Process metrics (CPU, memory) beside our own. Default false: a host has its own. */
  processMetrics?: boolean;
}

/** All parts of one running Aftercall, bound together; built by {@link createRuntime}. */
export interface Runtime {
  role: Role;
  live: LiveConfig;
  store: Store;
  acceptor: EventAcceptor;
  hooks: HookHandler;
  metrics: Metrics;
  logger: Logger;
  /** Token by source name, for printing the hook URLs. */
  hookTokens: ReadonlyMap<string, readonly string[]>;
  /** What a person can do with events and deliveries. */
  desk: Desk;
  /** This process among all that work on the store. */
  fleet: Fleet;
  /** Whether it does what only one of all may do. */
  leads: () => boolean;
  /** What the admin API serves. */
  admin: AdminApi;
  start(): Promise<void>;
  /** Where a server of our own listens, so that no delivery goes there. Not for a host's server: that is its to reach. */
  setOwnListener(own: OwnListener): void;
  /** Starts nothing new, finishes or gives back what is under way, closes the store. At most `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

/** Built-in kinds and those of the host. A kind that exists already is refused. */
export async function loadKinds(own: readonly Adapter[] = []): Promise<ReadonlyMap<string, Adapter>> {
  const kinds = new Map(await loadAdapters());
  for (const adapter of own) {
    if (kinds.has(adapter.kind))
      throw new Error(`destination kind ${adapter.kind} exists already; give yours another name`);
    kinds.set(adapter.kind, adapter);
  }
  return kinds;
}

/**
 * Reads the configuration, opens the store and binds the parts.
 * @throws {ConfigError} for a configuration with errors; {@link StoreRefusedError} for a store that cannot be opened.
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const kinds = await loadKinds(options.kinds);
  const sourceKinds = await loadSources();
  const read = () =>
    readConfig({ input: options.config, env: options.env ?? process.env, kinds, sourceKinds });
  const first = await read();
  if (!first.ok) throw new ConfigError(first.problems);
  refuseRole(options.role ?? 'all', first.config);
  const inForce = { config: first.config };
  const logger = createLogger(options.logLevel ?? 'info', () => inForce.config.secrets);
  const store = await open(options, first.config, (warning) => logger.warn(warning));
  try {
    const runtime = await bind(options, { kinds, read, first, store, logger });
    runtime.live.onSwap(({ config }) => (inForce.config = config));
    return runtime;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A server that is still starting, as after a power cut, is waited for. */
const STORE_WAIT_MS = 20_000;

function open(options: RuntimeOptions, config: Config, onWarning: (message: string) => void): Promise<Store> {
  if (options.openStore) return options.openStore(config);
  return openStore(config, { thread: options.storeThread ?? true, waitMs: STORE_WAIT_MS, onWarning });
}

function refuseRole(role: Role, { storage }: Config): void {
  if (role === 'all' || readStorage(storage).kind === 'postgres') return;
  throw new StoreRefusedError(
    `role ${role} needs a store that several processes can use; set storage: postgres://…, or take role all`,
  );
}

type GoodConfig = Extract<ConfigReading, { ok: true }>;

interface Parts {
  kinds: ReadonlyMap<string, Adapter>;
  read: () => Promise<ConfigReading>;
  first: GoodConfig;
  store: Store;
  logger: Logger;
}

async function bind(options: RuntimeOptions, parts: Parts): Promise<Runtime> {
  const { store, first, kinds, logger } = parts;
  const { role = 'all', clock = systemClock } = options;
  const live = new LiveConfig(first.config);
  const metrics = new Metrics({ processMetrics: options.processMetrics ?? false });
  const tokens = await settleTokens(first.config, store);
  await keepRuleSet(store, first.config);
  const trouble = troubleLog(logger);
  const egress = createEgress(first.config, options.env ?? process.env, trouble);
  const { http, mail } = egress;
  const print = options.print ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const ruleSets = new RuleSetCache(store, live);
  const id = newId();
  const delivers = does(role, 'worker');
  const leader = new Leader({
    ...{ store, id, canLead: delivers, onTrouble: trouble },
    onChange: (leads) => observeLead(leads, store, metrics, logger),
  });
  const { leads } = leader;
  const queue = await openQueue(first.config, {
    clock,
    isLeader: leads,
    onTrouble: trouble,
    canWork: delivers,
  });
  metrics.watchReach(() => queue.reach === 'fleet');
  const dispatcher: Dispatcher | null = !delivers
    ? null
    : new Dispatcher({
        ...{ store, live, queue, http, mail, clock, kinds, print, ruleSets },
        leaseMs: options.leaseMs,
        random: Math.random,
        observe: (report) => observeAttempt(report, metrics, logger),
        onRecovered: (count) => observeRecovered(count, metrics, logger),
        onLane: (change) => {
          observeLane(change, metrics, logger);
          alerts.laneChanged(change);
        },
        onTrouble: trouble,
      });
  const alerts = new Alerts({
    ...{ store, live, http, mail, clock, kinds, print, leads },
    random: Math.random,
    runInLane: (destination, work) =>
      dispatcher?.runInLane(destination, work) ?? Promise.resolve({ ran: false }),
    observe: (report) => logAlert(logger, report),
    count: (reason, result, count) => metrics.alerts.inc({ reason, result }, count),
    onTrouble: trouble,
  });
  const acceptor = new EventAcceptor({
    store,
    live,
    queue,
    clock,
    onCall: (call) => {
      if (live.current().mayTakeBack)
        void takeBackFollowUps({ store, ruleSets }, call).catch((error: unknown) => trouble(error));
    },
    observe: (decisions) => {
      countDecisions(decisions, metrics);
      alerts.decided(decisions);
    },
  });
  const hooks = new HookHandler({
    acceptor,
    live,
    tokens: tokens.hooks,
    observe: (status, source) => metrics.events.inc({ source, status }),
    onError: trouble,
  });
  live.onSwap(({ config }) => egress.apply(config));
  describeProcess(role, live, metrics);
  const { watchedFiles, config } = first;
  const hookTokens = tokens.hooks;
  const watcher = followFiles({
    dir: config.dir,
    watchedFiles,
    read: parts.read,
    store,
    live,
    hookTokens,
    metrics,
    logger,
    onRejected: (problems) => alerts.configurationRejected(problems),
  });
  const retention = new Retention({
    ...{ store, live, clock, leads },
    observe: ({ events, bodies }) => metrics.countPruned({ event: events, body: bodies }),
    onTrouble: trouble,
  });
  const fleet = new Fleet({
    ...{ store, queue, live, clock, leader, id, role, version: version(), own: dispatcher },
    onLook: (oldestMs) => metrics.oldestDue.set(oldestMs / 1000),
    onClockApart: (apartMs) => logger.warn({ apart_ms: apartMs }, 'the clock of the store and ours differ'),
    onTrouble: trouble,
  });
  const desk = new Desk({
    ...{ store, live, ruleSets, clock },
    wake: (destinations) => fleet.probe(destinations),
    laneReason: (destination) => laneReason(fleet.lanes.lanes(), destination),
  });
  return {
    ...{ role, live, store, acceptor, hooks, desk, metrics, logger, fleet, leads },
    hookTokens: tokens.hooks,
    admin: {
      ...{ desk, fleet, leads },
      destinations: new DestinationDesk({ store, live, clock, lanes: lanesOf(fleet) }),
      adminToken: followAdminToken(tokens.admin, { live, store, onTrouble: trouble }),
      onError: trouble,
    },
    start: async () => {
      await fleet.start();
      await alerts.start();
      await dispatcher?.start();
      if (delivers) retention.start();
    },
    setOwnListener: (own) => egress.setOwnListener(own),
    stop: async (graceMs = 15_000) => {
      watcher.close();
      const quiet = Promise.all([alerts.stop(), retention.stop(), fleet.stop()]);
      await dispatcher?.stop(graceMs);
      await quiet;
      await fleet.leave();
      egress.close();
      await Promise.allSettled([queue.close(), store.close()]);
    },
  };
}

type QueueParts = Omit<Parameters<typeof openBullmqQueue>[0], 'url'>;

/** Wakes this process alone, unless `queue:` names one for all. */
async function openQueue({ queue: url }: Config, parts: QueueParts): Promise<DeliveryQueue> {
  if (url === null) return new InProcessQueue();
  // Loaded only where it is used: it would make every start slower.
  const { openBullmqQueue } = await import('./queue/bullmq/bullmq-queue.js');
  return openBullmqQueue({ ...parts, url });
}

function lanesOf(fleet: Fleet) {
  return {
    lanes: () => fleet.lanes.lanes(),
    setPaused: (name: string, paused: boolean) => fleet.setPaused(name, paused),
  };
}

/** What keeps a destination from taking anything at the moment, as a delivery's reason. */
function laneReason(lanes: readonly LaneReport[], destination: string): string | null {
  const lane = lanes.find(({ name }) => name === destination);
  if (!lane || lane.state === 'ready') return null;
  return lane.state === 'waiting' ? lane.reason : `destination_${lane.state}`;
}
