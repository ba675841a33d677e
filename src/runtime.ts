import { type Adapter } from './adapters/adapter.js';
import { loadAdapters } from './adapters/catalogue.js';
import { Alerts } from './alerts/alerts.js';
import { type AdminApi } from './api/admin-api.js';
import { followAdminToken } from './api/admin-token.js';
import { DestinationDesk } from './api/destination-desk.js';
import { type Config, type ConfigProblem } from './config/config.js';
import { LiveConfig } from './config/live.js';
import { type ConfigInput, type ConfigReading, formatProblem, readConfig } from './config/read-config.js';
import { type AttemptReport } from './delivery/carrier.js';
import { Dispatcher } from './delivery/dispatcher.js';
import { type DestinationChange } from './delivery/lanes.js';
import { RuleSetCache } from './plan/rule-set-cache.js';
import { type Decision } from './domain/decision.js';
import { createEgress } from './egress/egress.js';
import { type OwnListener } from './egress/own-listener.js';
import { EventAcceptor } from './intake/accept-event.js';
import { HookHandler } from './intake/hook-handler.js';
import { type Clock, systemClock } from './lib/clock.js';
import { InProcessQueue } from './queue/in-process/in-process-queue.js';
import { Desk } from './replay/desk.js';
import { loadSources } from './sources/catalogue.js';
import { openSqliteStore } from './store/sqlite/sqlite-store.js';
import { followFiles, keepRuleSet } from './reload.js';
import { Retention } from './retention.js';
import { type Store, StoreRefusedError } from './store/store.js';
import { logAlert } from './telemetry/alert-log.js';
import { logAttempt } from './telemetry/attempt-log.js';
import { type Logger, createLogger } from './telemetry/log.js';
import { Metrics } from './telemetry/metrics.js';
import { settleTokens } from './tokens.js';

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
  env?: NodeJS.ProcessEnv;
  clock?: Clock;
  logLevel?: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** Runs the store in its own thread, so that a stalled disk never stops the event loop. Default true. */
  storeThread?: boolean;
  /** Opens another store than the one that `storage:` names, e.g. that one in a wrapper. */
  openStore?: (config: Config) => Promise<Store>;
  /** Where the `log` kind prints. Default: standard output. */
  print?: (line: string) => void;
  /** Process metrics (CPU, memory) beside our own. Default false: a host has its own. */
  processMetrics?: boolean;
}

/** All parts of one running Aftercall, bound together; built by {@link createRuntime}. */
export interface Runtime {
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
 * Opens the store that `storage:` names.
 * @throws {StoreRefusedError} with one line for a person.
 */
export async function openStore(
  config: Config,
  options: { thread: boolean; readOnly?: boolean },
): Promise<Store> {
  const [, kind, file] = /^([a-z]+):(.*)$/s.exec(config.storage) ?? [];
  if (kind !== 'sqlite' || !file)
    throw new StoreRefusedError(
      `storage: ${kind ?? '?'} is not supported yet; expected sqlite:<path of a file>`,
    );
  return openSqliteStore({ file, ...options });
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
  const open = options.openStore ?? ((config) => openStore(config, { thread: options.storeThread ?? true }));
  const store = await open(first.config);
  try {
    return await bind(options, { kinds, read, first, store });
  } catch (error) {
    await store.close();
    throw error;
  }
}

type GoodConfig = Extract<ConfigReading, { ok: true }>;

interface Parts {
  kinds: ReadonlyMap<string, Adapter>;
  read: () => Promise<ConfigReading>;
  first: GoodConfig;
  store: Store;
}

async function bind(options: RuntimeOptions, parts: Parts): Promise<Runtime> {
  const { store, first, kinds } = parts;
  const clock = options.clock ?? systemClock;
  const live = new LiveConfig(first.config);
  const metrics = new Metrics({ processMetrics: options.processMetrics ?? false });
  const logger = createLogger(options.logLevel ?? 'info', () => live.current().config.secrets);
  const tokens = await settleTokens(first.config, store);
  await keepRuleSet(store, first.config);
  const queue = new InProcessQueue();
  const trouble = troubleLog(logger);
  const egress = createEgress(first.config, options.env ?? process.env, trouble);
  const { http, mail } = egress;
  const print = options.print ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const ruleSets = new RuleSetCache(store, live);
  const dispatcher: Dispatcher = new Dispatcher({
    ...{ store, live, queue, http, mail, clock, kinds, print, ruleSets },
    random: Math.random,
    observe: (report) => observeAttempt(report, metrics, logger),
    onLane: (change) => {
      observeLane(change, metrics, logger);
      alerts.laneChanged(change);
    },
    onTrouble: trouble,
  });
  const alerts = new Alerts({
    ...{ store, live, http, mail, clock, kinds, print },
    random: Math.random,
    runInLane: (destination, work) => dispatcher.runInLane(destination, work),
    observe: (report) => logAlert(logger, report),
    count: (reason, result, count) => metrics.alerts.inc({ reason, result }, count),
    onTrouble: trouble,
  });
  const acceptor = new EventAcceptor({
    store,
    live,
    queue,
    clock,
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
  for (const destination of first.config.destinations.keys()) metrics.destinationOpen.set({ destination }, 0);
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
    ...{ store, live, clock },
    observe: ({ events, bodies }) => metrics.countPruned({ event: events, body: bodies }),
    onTrouble: trouble,
  });
  const desk = new Desk({
    ...{ store, live, ruleSets, clock },
    wake: (destinations) => dispatcher.probe(destinations),
    laneReason: (destination) => laneReason(dispatcher, destination),
  });
  return {
    ...{ live, store, acceptor, hooks, desk, metrics, logger },
    hookTokens: tokens.hooks,
    admin: {
      desk,
      destinations: new DestinationDesk({ store, live, clock, lanes: dispatcher }),
      adminToken: followAdminToken(tokens.admin, { live, store, onTrouble: trouble }),
      onError: trouble,
    },
    start: async () => {
      await alerts.start();
      await dispatcher.start();
      retention.start();
    },
    setOwnListener: (own) => egress.setOwnListener(own),
    stop: async (graceMs = 15_000) => {
      watcher.close();
      const quiet = Promise.all([alerts.stop(), retention.stop()]);
      await dispatcher.stop(graceMs);
      await quiet;
      egress.close();
      await Promise.allSettled([queue.close(), store.close()]);
    },
  };
}

/** What keeps a destination from taking anything at the moment, as a delivery's reason. */
function laneReason(dispatcher: Dispatcher, destination: string): string | null {
  const lane = dispatcher.lanes().find(({ name }) => name === destination);
  if (!lane || lane.state === 'ready') return null;
  return lane.state === 'waiting' ? lane.reason : `destination_${lane.state}`;
}

function countDecisions(decisions: readonly Decision[], metrics: Metrics): void {
  for (const { rule, verdict } of decisions) metrics.decisions.inc({ rule, verdict });
}

function observeAttempt(report: AttemptReport, metrics: Metrics, logger: Logger): void {
  const { destination, kind } = report.claimed.delivery;
  const { result, durationMs } = report;
  const reason = result.outcome === 'delivered' ? null : result.reason;
  metrics.countAttempt({ destination, kind, outcome: result.outcome, reason }, durationMs);
  logAttempt(logger, report);
}

function observeLane(
  { destination, change, why }: DestinationChange,
  metrics: Metrics,
  logger: Logger,
): void {
  metrics.destinationOpen.set({ destination }, change === 'opened' ? 1 : 0);
  if (change === 'opened')
    logger.warn({ destination, why }, 'destination opened: it is only probed from now on');
  else logger.info({ destination, why }, 'destination closed: it takes deliveries again');
}

/** One line per kind of trouble and second: a full disk must not fill the log as well. */
function troubleLog(logger: Logger): (error: unknown) => void {
  let last = { message: '', at: 0 };
  return (error) => {
    const message = error instanceof Error ? error.message : String(error);
    if (message === last.message && Date.now() - last.at < 1000) return;
    last = { message, at: Date.now() };
    logger.error({ err: error instanceof Error ? error : undefined }, message);
  };
}
