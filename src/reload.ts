import { type Config, type ConfigProblem } from './config/config.js';
import { type LiveConfig } from './config/live.js';
import { type ConfigReading, formatProblem } from './config/read-config.js';
import { type ConfigWatcher, watchConfig } from './config/watch.js';
import { canonicalJson, type Json } from './lib/json.js';
import { type Store } from './store/store.js';
import { type Logger } from './telemetry/log.js';
import { type Metrics } from './telemetry/metrics.js';
import { settleHookTokens } from './tokens.js';

export interface ReloadParts {
  /** Folder of the configuration; null when it was given as an object and cannot change. */
  dir: string | null;
  watchedFiles: readonly string[];
  read: () => Promise<ConfigReading>;
  store: Store;
  live: LiveConfig;
  /** Tokens by source, amended in place when a reload brings a source. */
  hookTokens: Map<string, string[]>;
  metrics: Metrics;
  logger: Logger;
  onRejected: (problems: readonly ConfigProblem[]) => void;
}

/** Decisions and deliveries point at the rule set; it must be in the store before the first of them. */
export async function keepRuleSet(store: Store, config: Config): Promise<void> {
  await store.saveRuleSet(config.fingerprint, canonicalJson(config.ruleSet as unknown as Json));
}

/** A good change is swapped in at once, a bad one leaves the last good configuration live and says so. */
export function followFiles(parts: ReloadParts): Pick<ConfigWatcher, 'close'> {
  if (parts.dir === null) return { close: () => undefined };
  const onError = (err: unknown) => parts.logger.error({ err }, 'reload failed; it will be tried again');
  const watcher = watchConfig(
    parts.dir,
    parts.watchedFiles,
    async () => {
      const next = await parts.read();
      watcher.watchFiles(next.watchedFiles);
      await apply(parts, next);
    },
    onError,
  );
  return watcher;
}

async function apply(parts: ReloadParts, next: ConfigReading): Promise<void> {
  const { store, live, hookTokens, metrics, logger } = parts;
  if (next.ok) {
    await keepRuleSet(store, next.config);
    const tokens = await settleHookTokens(next.config, store);
    for (const [source, those] of tokens) hookTokens.set(source, those);
    live.swap(next.config);
    logger.info({ fingerprint: next.config.fingerprint }, 'configuration applied');
  } else {
    const problems = next.problems.map(formatProblem);
    logger.error({ problems }, 'configuration rejected; the last good one stays in force');
    parts.onRejected(next.problems);
  }
  metrics.configReloads.inc({ result: next.ok ? 'applied' : 'rejected' });
  metrics.configLoaded.set(next.ok ? 1 : 0);
}
