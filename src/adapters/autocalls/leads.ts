import { type AttemptOutcome } from '../../domain/attempt.js';
import { type SendRequest } from '../adapter.js';
import { type Exchange, makeAttempt } from '../exchange.js';
import { autocallsApi, change } from './autocalls-api.js';
import { type AutocallsOptions } from './autocalls-options.js';
import { findEarlier, firstDay, list, markOf, withMark } from './earlier.js';
import { addLead as addLeadInput, updateLead as updateLeadInput } from './inputs.js';
import { receiptOf } from './receipt.js';
import { holdUnlessReleased } from './hold.js';

/** Puts a lead into a campaign, which calls it. The platform refuses a second one with the same number. */
export function addLead(request: SendRequest<AutocallsOptions>): Promise<AttemptOutcome> {
  const input = addLeadInput.parse(request.input);
  return makeAttempt(request, autocallsApi(request.options), async (exchange) => {
    const earlier = request.mayHaveArrived
      ? await findEarlier(exchange, {
          path: '/user/leads',
          query: {
            campaign_id: input.campaign_id,
            phone_number: input.phone,
            date_from: firstDay(exchange),
          },
          // Without duplicates the platform itself keeps a second one out.
          couldBeOurs: () => input.allow_duplicates,
        })
      : null;
    if (earlier !== null) return receiptOf(earlier, 'id');
    const { data } = await change(exchange, {
      path: '/user/lead',
      json: {
        campaign_id: input.campaign_id,
        phone_number: input.phone,
        variables: withMark(input.variables, exchange),
        allow_dupplicate: input.allow_duplicates,
        ...(input.secondary_contacts && {
          secondary_contacts: input.secondary_contacts.map(({ phone, variables = {} }) => ({
            phone_number: phone,
            variables: withMark(variables, exchange),
          })),
        }),
      },
    });
    return receiptOf(data, 'id');
  });
}

/** Changes a lead. To make it `created` again has it called, so that is not done twice. */
export function updateLead(request: SendRequest<AutocallsOptions>): Promise<AttemptOutcome> {
  const input = updateLeadInput.parse(request.input);
  return makeAttempt(request, autocallsApi(request.options), async (exchange) => {
    const callsAgain = input.status === 'created';
    if (request.mayHaveArrived && callsAgain && (await hasArrived(exchange, input)))
      return { id: String(input.id) };
    await change(exchange, {
      method: 'PUT',
      path: `/user/leads/${input.id}`,
      json: {
        ...(input.status !== undefined && { status: input.status }),
        ...(input.campaign_id !== undefined && { campaign_id: input.campaign_id }),
        ...(input.phone !== undefined && { phone_number: input.phone }),
        variables: withMark(input.variables, exchange),
      },
    });
    return { id: String(input.id) };
  });
}

/** Leads are listed by number only, so without one nobody can look. */
async function hasArrived(exchange: Exchange, input: { id: number; phone?: string }): Promise<boolean> {
  const { call, idempotencyKey } = exchange.request;
  const phone = input.phone ?? call.contact;
  const leads =
    phone === null ? [] : await list(exchange, { path: '/user/leads', query: { phone_number: phone } });
  const lead = leads.find(({ id }) => id === input.id);
  if (lead !== undefined && markOf(lead) === idempotencyKey) return true;
  holdUnlessReleased(exchange, `lead ${input.id} does not show whether it was changed`);
  return false;
}
