import { type JsonObject } from '../../lib/json.js';
import { type SendRequest, callLink } from '../adapter.js';
import { cutText } from '../cut-text.js';
import { type Exchange, type Receipt } from '../exchange.js';
import { asRichText } from '../rich-text.js';
import { makeActivity, textIn, timeIn, withFurther } from './activity.js';
import { anchorsOf } from './associations.js';
import { type HubSpotOptions } from './hubspot-options.js';
import { associationPath } from './paths.js';
import { MAX_VALUE } from './property-values.js';
import { isConflict, type Properties, Records } from './records.js';

const MAX_TITLE = 255;

/** By the configured unique property where there is one: then HubSpot itself keeps the call from standing there twice. */
export function logCall(exchange: Exchange, request: SendRequest<HubSpotOptions>): Promise<Receipt> {
  const { options, input } = request;
  if (options.call_property !== undefined) return upsertCall(exchange, request, options.call_property);
  return makeActivity(exchange, request, {
    ...{ type: 'call', foundBy: ['hs_timestamp', 'hs_call_to_number', 'hs_call_from_number'] },
    // Only a call whose start is known can be told from others before it was ever sent.
    ...{ text: 'hs_call_title', isUpdated: true, alwaysLooks: input.time !== undefined },
    properties: (begunAt) => callProperties(input, begunAt),
  });
}

/** An upsert takes no associations; to associate what is associated already changes nothing. */
async function upsertCall(
  exchange: Exchange,
  request: SendRequest<HubSpotOptions>,
  property: string,
): Promise<Receipt> {
  const { input, options } = request;
  const records = new Records(exchange, options);
  const properties = callProperties(input, await firstAttemptAt(exchange));
  const made = await records.upsert('call', property, { ...properties, [property]: callKey(request) });
  const id = isConflict(made) ? made.existingId : made;
  for (const [type, anchorId] of anchorsOf(input)) {
    const path = associationPath(options, { type: 'call', id }, { type, id: anchorId });
    await exchange.write({ method: 'PUT', path });
  }
  return { id };
}

/** A repeated attempt must not move the call in the timeline. */
async function firstAttemptAt(exchange: Exchange): Promise<number> {
  const { call, now } = exchange.request;
  const link = `${callLink(call)} since`;
  const kept = await exchange.find(link);
  if (typeof kept === 'number') return kept;
  exchange.remember(link, now);
  return now;
}

/** Names the call among those of one HubSpot account. */
function callKey({ call, event }: SendRequest): string {
  return `${call.source}:${call.id ?? event.id}`;
}

function callProperties(input: JsonObject, begunAt: number): Properties {
  const { duration } = input;
  const body = textIn(input, 'body');
  return withFurther(
    {
      hs_timestamp: timeIn(input, 'time', begunAt) ?? String(begunAt),
      hs_call_title: cutText(textIn(input, 'title') ?? 'Call', MAX_TITLE),
      hs_call_body: body === undefined ? undefined : asRichText(body, MAX_VALUE),
      hs_call_duration: typeof duration === 'number' ? String(Math.round(duration * 1_000)) : undefined,
      hs_call_status: statusOf(textIn(input, 'status') ?? ''),
      hs_call_direction: (textIn(input, 'direction') ?? 'outbound').toUpperCase(),
      hs_call_from_number: textIn(input, 'from'),
      hs_call_to_number: textIn(input, 'to'),
      hs_call_recording_url: textIn(input, 'recording_url'),
    },
    input,
  );
}

/** HubSpot's word for each of the source's. */
const STATUSES: Record<string, string> = {
  completed: 'COMPLETED',
  ended: 'COMPLETED',
  ended_by_customer: 'COMPLETED',
  ended_by_assistant: 'COMPLETED',
  no_answer: 'NO_ANSWER',
  unanswered: 'NO_ANSWER',
  busy: 'BUSY',
  failed: 'FAILED',
  canceled: 'CANCELED',
  cancelled: 'CANCELED',
  in_progress: 'IN_PROGRESS',
  ringing: 'RINGING',
  initiated: 'CONNECTING',
};

/** Undefined for a word that HubSpot would refuse: the call is logged without it. */
function statusOf(status: string): string | undefined {
  const word = status.trim().toLowerCase().replace(/[\s-]/g, '_');
  return Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined;
}
