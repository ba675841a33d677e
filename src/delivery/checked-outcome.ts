import { type AttemptOutcome, FAILURE_REASONS } from '../domain/attempt.js';

const OUTCOMES: readonly unknown[] = ['delivered', 'retry', 'rejected', 'unauthorized', 'unknown'];
const REASONS: readonly unknown[] = FAILURE_REASONS;

/**
 * The outcome that an adapter answered. Kinds of a host application may answer anything; what is not in the
 * closed lists must reach neither the store nor the metrics, and counts as a fault of ours.
 */
export function checkedOutcome(result: unknown): AttemptOutcome {
  if (typeof result !== 'object' || result === null || !('outcome' in result)) return broken('no outcome');
  const { outcome } = result;
  if ('links' in result && !areLinks(result.links)) return broken('links that are none');
  if (!OUTCOMES.includes(outcome)) return broken('an outcome that is none');
  if (outcome === 'delivered') return result as AttemptOutcome;
  if (!('reason' in result) || !REASONS.includes(result.reason)) return broken('a reason that is none');
  return withoutOddWait(result as Exclude<AttemptOutcome, { outcome: 'delivered' }>);
}

const MAX_LINK_KEY = 500;

function areLinks(links: unknown): boolean {
  return (
    links === undefined ||
    (Array.isArray(links) &&
      links.every(
        (link: unknown) =>
          typeof link === 'object' &&
          link !== null &&
          'value' in link &&
          'key' in link &&
          typeof link.key === 'string' &&
          link.key.length <= MAX_LINK_KEY,
      ))
  );
}

function withoutOddWait(result: Exclude<AttemptOutcome, { outcome: 'delivered' }>): AttemptOutcome {
  const { afterMs, ...others } = result;
  if (afterMs === undefined) return result;
  return Number.isFinite(afterMs) && afterMs >= 0 ? result : others;
}

function broken(what: string): AttemptOutcome {
  return { outcome: 'retry', reason: 'internal', message: `the adapter answered with ${what}` };
}
