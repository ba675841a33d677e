import { type SendRequest } from '../adapter.js';
import { cutText } from '../cut-text.js';
import { type Exchange, type Receipt } from '../exchange.js';
import { asRichText } from '../rich-text.js';
import { makeActivity, textIn, timeIn, withFurther } from './activity.js';
import { type HubSpotOptions } from './hubspot-options.js';
import { MAX_VALUE } from './property-values.js';

const MAX_SUBJECT = 255;

export function createNote(exchange: Exchange, request: SendRequest<HubSpotOptions>): Promise<Receipt> {
  const { input } = request;
  return makeActivity(exchange, request, {
    ...{ type: 'note', foundBy: ['hs_timestamp'], text: 'hs_note_body', isUpdated: true },
    properties: (begunAt) =>
      withFurther(
        {
          hs_timestamp: timeIn(input, 'time', begunAt) ?? String(begunAt),
          hs_note_body: asRichText(textIn(input, 'body') ?? '', MAX_VALUE),
        },
        input,
      ),
  });
}

export function createTask(exchange: Exchange, request: SendRequest<HubSpotOptions>): Promise<Receipt> {
  const { input } = request;
  const body = textIn(input, 'body');
  return makeActivity(exchange, request, {
    ...{ type: 'task', foundBy: ['hs_timestamp'], text: 'hs_task_subject', isUpdated: false },
    properties: (begunAt) =>
      withFurther(
        {
          hs_timestamp: timeIn(input, 'due', begunAt) ?? String(begunAt),
          hs_task_subject: cutText(textIn(input, 'subject') ?? '', MAX_SUBJECT),
          hs_task_body: body === undefined ? undefined : asRichText(body, MAX_VALUE),
          hs_task_status: 'NOT_STARTED',
          hs_task_priority: textIn(input, 'priority')?.toUpperCase(),
          hs_task_type: (textIn(input, 'type') ?? 'todo').toUpperCase(),
        },
        input,
      ),
  });
}
