import { type AttemptOutcome } from '../../domain/attempt.js';
import { type SendRequest } from '../adapter.js';
import { type Exchange, makeAttempt } from '../exchange.js';
import { autocallsApi, change } from './autocalls-api.js';
import { type AutocallsOptions } from './autocalls-options.js';
import { findEarlier, firstDay, withMark } from './earlier.js';
import { idText, receiptOf } from './receipt.js';
import { placeCall as placeCallInput } from './inputs.js';

/** Calls somebody at once. Before it is done again, the calls of the platform are looked through. */
export async function placeCall(request: SendRequest<AutocallsOptions>): Promise<AttemptOutcome> {
  const { assistant_id: assistant, phone, variables } = placeCallInput.parse(request.input);
  const outcome = await makeAttempt(request, autocallsApi(request.options), async (exchange) => {
    const earlier = request.mayHaveArrived ? await findCall(exchange, assistant, phone) : null;
    if (earlier !== null) return receiptOf(earlier, 'id');
    const answer = await change(exchange, {
      path: '/user/make_call',
      json: { assistant_id: assistant, phone_number: phone, variables: withMark(variables, exchange) },
    });
    return receiptOf(answer, 'call_id');
  });
  return withTime(outcome, request);
}

function findCall(exchange: Exchange, assistant: number, phone: string) {
  return findEarlier(exchange, {
    path: '/user/calls',
    query: {
      phone_number: phone,
      assistant_id: assistant,
      type: 'outbound',
      date_from: firstDay(exchange),
    },
    // The call that all this follows from is in the same list.
    couldBeOurs: ({ id }) => idText(id) !== exchange.request.call.id,
  });
}

/** The next attempt has to know from when on to look. */
function withTime(outcome: AttemptOutcome, { now, progress }: SendRequest): AttemptOutcome {
  if (outcome.outcome !== 'unknown' || outcome.progress !== undefined || progress !== null) return outcome;
  return { ...outcome, progress: { triedAt: now } };
}
