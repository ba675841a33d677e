import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { callLink } from '../adapter.js';
import { endAttempt, type Exchange, type Receipt } from '../exchange.js';
import { describeAnswer } from '../http-outcome.js';
import { textOf } from '../text-of.js';
import { contactInput, contactPath, idInput } from './gohighlevel-api.js';

export const startWorkflowInput = z.strictObject({
  contact: contactInput,
  workflow: idInput.describe('Id of the workflow, which must be published'),
});

/** After these nobody knows whether the workflow began, and it may write to the contact. */
const IN_DOUBT = [500, 502, 504];

/** Adds the contact to the workflow, once for a call. */
export async function startWorkflow(exchange: Exchange): Promise<Receipt> {
  const { call, input, mayHaveArrived, isReleased } = exchange.request;
  const { contact, workflow } = input;
  const key = `${callLink(call)} workflow`;
  const started = `${textOf(contact)} ${textOf(workflow)}`;
  if ((await exchange.find(key)) === started) return {};
  // Which workflows a contact is in cannot be read.
  if (mayHaveArrived && !isReleased) return endAttempt(inDoubt(NOT_AGAIN));
  const path = contactPath(contact, `workflow/${encodeURIComponent(textOf(workflow))}`);
  const answer = await exchange.write({ path, json: {}, accept: IN_DOUBT });
  if (IN_DOUBT.includes(answer.status))
    return endAttempt({ ...inDoubt(describeAnswer(answer)), httpStatus: answer.status });
  exchange.remember(key, started);
  return {};
}

const NOT_AGAIN = 'the workflow may have begun; release it to add the contact (again)';

function inDoubt(message: string): AttemptOutcome {
  return { outcome: 'unknown', reason: 'server_error', message };
}
