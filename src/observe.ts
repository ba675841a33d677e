import { type LiveConfig, type LiveRuleSet } from './config/live.js';
import { type AttemptReport } from './delivery/carrier.js';
import { type DestinationChange } from './delivery/lanes.js';
import { type Decision } from './domain/decision.js';
import { type Role } from './domain/role.js';
import { type Store } from './store/store.js';
import { logAttempt } from './telemetry/attempt-log.js';
import { type Logger } from './telemetry/log.js';
import { type Metrics } from './telemetry/metrics.js';
import { version } from './version.js';

export function observeLead(leads: boolean, { isShared }: Store, metrics: Metrics, logger: Logger): void {
  metrics.leader.set(leads ? 1 : 0);
  if (isShared)
    logger.info(leads ? 'this process leads from now on' : 'another process may lead from now on');
}

export function observeRecovered(count: number, metrics: Metrics, logger: Logger): void {
  metrics.recovered.inc(count);
  logger.warn({ count }, 'deliveries taken up whose process was gone');
}

export function describeProcess(role: Role, live: LiveConfig, metrics: Metrics): void {
  const describe = ({ config, fingerprint }: LiveRuleSet) => {
    metrics.processInfo.reset();
    metrics.processInfo.set({ role, version: version(), rule_set: fingerprint }, 1);
    for (const destination of config.destinations.keys()) metrics.destinationOpen.inc({ destination }, 0);
  };
  describe(live.current());
  live.onSwap(describe);
}

export function countDecisions(decisions: readonly Decision[], metrics: Metrics): void {
  for (const { rule, verdict } of decisions) metrics.decisions.inc({ rule, verdict });
}

export function observeAttempt(report: AttemptReport, metrics: Metrics, logger: Logger): void {
  const { destination, kind } = report.claimed.delivery;
  const { result, durationMs } = report;
  const reason = result.outcome === 'delivered' ? null : result.reason;
  metrics.countAttempt({ destination, kind, outcome: result.outcome, reason }, durationMs);
  logAttempt(logger, report);
}

export function observeLane(
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
export function troubleLog(logger: Logger): (error: unknown) => void {
  let last = { message: '', at: 0 };
  return (error) => {
    const message = error instanceof Error ? error.message : String(error);
    if (message === last.message && Date.now() - last.at < 1000) return;
    last = { message, at: Date.now() };
    logger.error({ err: error instanceof Error ? error : undefined }, message);
  };
}
