import { z } from 'zod';
import { type JsonObject } from '../../lib/json.js';
import { cutText } from '../cut-text.js';
import { type Exchange, type Receipt } from '../exchange.js';
import { textOf } from '../text-of.js';
import { contactInput, idIn, idInput } from './gohighlevel-api.js';
import { type GoHighLevelOptions } from './gohighlevel-options.js';

const MAX_NAME = 255;

export const upsertOpportunityInput = z.strictObject({
  contact: contactInput,
  pipeline: idInput.describe('Id of the pipeline'),
  stage: idInput
    .optional()
    .describe('Id of the stage; left out: a new one starts in the first, another stays'),
  name: z.string().min(1).describe('Name of the opportunity'),
  status: z
    .enum(['open', 'won', 'lost', 'abandoned'])
    .optional()
    .describe('open, won, lost or abandoned; left out: as it is, and open where it is new'),
  monetary_value: z.number().min(0).optional().describe('What it is worth, in the currency of the location'),
  assigned_to: idInput.optional().describe('Id of the user whose opportunity it is'),
});

/** Creates the contact's opportunity in the pipeline or updates it. */
export async function upsertOpportunity(
  exchange: Exchange,
  { location_id }: GoHighLevelOptions,
): Promise<Receipt> {
  const { contact = null, pipeline = null, name } = exchange.request.input;
  const json = {
    locationId: location_id,
    contactId: contact,
    pipelineId: pipeline,
    name: cutText(textOf(name), MAX_NAME),
    ...rest(exchange.request.input),
  };
  return { id: idIn(await exchange.write({ path: '/opportunities/upsert', json }), 'opportunity') };
}

/** Only what is given is sent: what is left out stays as it is. */
function rest({ stage, status, monetary_value, assigned_to }: JsonObject): JsonObject {
  return {
    ...(stage !== undefined && { pipelineStageId: stage }),
    ...(status !== undefined && { status }),
    ...(monetary_value !== undefined && { monetaryValue: monetary_value }),
    ...(assigned_to !== undefined && { assignedTo: assigned_to }),
  };
}
