import { type AttemptOutcome } from '../domain/attempt.js';
import { type Delivery } from '../domain/delivery.js';
import { type Logger } from './log.js';

/** The one wide line per attempt: ids, counts, states and reasons; never text of a call, never a phone number. */
export function logAttempt(
  logger: Logger,
  report: {
    claimed: { delivery: Delivery };
    result: AttemptOutcome;
    state: string;
    dueAt: number;
    durationMs: number;
  },
): void {
  const { delivery } = report.claimed;
  const { result, state, durationMs } = report;
  const line = {
    event_id: delivery.eventId,
    delivery_id: delivery.id,
    rule: delivery.rule,
    action: delivery.action,
    destination: delivery.destination,
    kind: delivery.kind,
    operation: delivery.operation,
    attempt: delivery.attemptCount + 1,
    outcome: result.outcome,
    reason: result.outcome === 'delivered' ? null : result.reason,
    http_status: result.httpStatus ?? null,
    state,
    next_attempt_at: state === 'pending' ? new Date(report.dueAt).toISOString() : null,
    duration_ms: durationMs,
  };
  if (result.outcome === 'delivered') logger.info(line, 'attempt');
  else logger.warn(line, 'attempt');
}
