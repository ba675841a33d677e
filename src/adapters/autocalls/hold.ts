import { endAttempt, type Exchange } from '../exchange.js';

/**
 * Sent before, without an answer, and nothing at the platform tells whether it arrived: the outcome stays unknown,
 * and nothing is sent, before a person has released it.
 */
export function holdUnlessReleased({ request }: Exchange, why: string): void {
  if (!request.mayHaveArrived || request.isReleased) return;
  endAttempt({
    ...{ outcome: 'unknown', reason: 'timeout' },
    message: `sent before without an answer, and ${why}: release it to send it again`,
  });
}
