import { type AttemptOutcome } from '../domain/attempt.js';
import { type Logger } from './log.js';

/** One line for each message about our own trouble that was tried or given up. */
export function logAlert(
  logger: Logger,
  report: {
    group: { destination: string; alerts: readonly { cause: string; attemptCount: number }[] };
    result: 'sent' | 'again' | 'waits' | 'gave_up';
    outcome: AttemptOutcome | null;
    problem: string | null;
    dueAt: number;
  },
): void {
  const { group, result, outcome } = report;
  const line = {
    destination: group.destination,
    causes: group.alerts.slice(0, MOST_CAUSES).map(({ cause }) => cause),
    alerts: group.alerts.length,
    attempt: outcome === null ? null : (group.alerts[0]?.attemptCount ?? 0) + 1,
    outcome: outcome?.outcome ?? null,
    reason: outcome === null || outcome.outcome === 'delivered' ? report.problem : outcome.reason,
    http_status: outcome?.httpStatus ?? null,
    next_attempt_at: result === 'again' ? new Date(report.dueAt).toISOString() : null,
  };
  if (result === 'sent') logger.info(line, 'alert sent');
  else if (result === 'gave_up') logger.error(line, 'alert given up');
  else logger.warn(line, 'alert failed; it will be tried again');
}

const MOST_CAUSES = 20;
