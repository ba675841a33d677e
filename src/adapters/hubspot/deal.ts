import { z } from 'zod';
import { type SendRequest } from '../adapter.js';
import { cutText } from '../cut-text.js';
import { type Exchange, type Receipt } from '../exchange.js';
import { further, owner } from './activity-input.js';
import { makeActivity, textIn, timeIn, withFurther } from './activity.js';
import { anchorFields } from './associations.js';
import { type HubSpotOptions } from './hubspot-options.js';

export const createDealInput = z.strictObject({
  contact: anchorFields.contact,
  company: anchorFields.company,
  name: z.string().min(1).describe('Name of the deal'),
  pipeline: z.string().min(1).default('default').describe('Id of the pipeline; default "default"'),
  stage: z.string().min(1).describe('Id of the stage, e.g. appointmentscheduled'),
  amount: z.number().optional().describe('Amount in the currency of the account'),
  close_date: z
    .string()
    .optional()
    .describe('When it is expected to close: a date, a time, or a wait such as 30 days'),
  owner,
  properties: further,
});

const MAX_NAME = 255;

/** A deal that was made before stays as people have moved it since then. */
export function createDeal(exchange: Exchange, request: SendRequest<HubSpotOptions>): Promise<Receipt> {
  const { input } = request;
  const { amount } = input;
  return makeActivity(exchange, request, {
    ...{ type: 'deal', foundBy: ['dealname', 'pipeline'], text: 'dealname', isUpdated: false },
    properties: (begunAt) =>
      withFurther(
        {
          dealname: cutText(textIn(input, 'name') ?? '', MAX_NAME),
          pipeline: textIn(input, 'pipeline') ?? 'default',
          dealstage: textIn(input, 'stage'),
          amount: typeof amount === 'number' ? String(amount) : undefined,
          closedate: timeIn(input, 'close_date', begunAt),
        },
        input,
      ),
  });
}
