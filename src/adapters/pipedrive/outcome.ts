import { type JsonObject } from '../../lib/json.js';

export const OUTCOMES = [
  'connected',
  'no_answer',
  'left_message',
  'left_voicemail',
  'wrong_number',
  'busy',
] as const;
type Outcome = (typeof OUTCOMES)[number];

/** Pipedrive's word for each of the source's. It has none for a call that failed on its way. */
const BY_STATUS: Record<string, Outcome> = {
  completed: 'connected',
  ended: 'connected',
  ended_by_customer: 'connected',
  ended_by_assistant: 'connected',
  in_progress: 'connected',
  no_answer: 'no_answer',
  unanswered: 'no_answer',
  failed: 'no_answer',
  canceled: 'no_answer',
  cancelled: 'no_answer',
  ringing: 'no_answer',
  initiated: 'no_answer',
  busy: 'busy',
  voicemail: 'left_voicemail',
};

/** The API takes no call without an outcome: where the status tells none, a call that lasted was answered. */
export function outcomeOf({ outcome, status, duration }: JsonObject): Outcome {
  const given = OUTCOMES.find((known) => known === outcome);
  if (given !== undefined) return given;
  const word = typeof status === 'string' ? status.trim().toLowerCase().replace(/[\s-]/g, '_') : '';
  const byStatus = Object.hasOwn(BY_STATUS, word) ? BY_STATUS[word] : undefined;
  return byStatus ?? (typeof duration === 'number' && duration > 0 ? 'connected' : 'no_answer');
}
