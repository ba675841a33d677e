import { type Call } from '../../domain/event.js';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.js';
import { transcriptForms } from './transcript.js';

/**
 * The call as rules and templates see it: the vendor's names and values, with one form where the vendor has
 * several. Everything else stays as sent.
 */
export function normaliseCall(body: JsonObject): Call {
  const lead = normaliseLead(body);
  const call: Call = {
    ...body,
    extracted_variables: asMap(body.extracted_variables),
    input_variables: asMap(body.input_variables),
    ...transcriptForms(body.transcript, body.formatted_transcript),
    recording_url: body.recording_url ?? null,
    transfers: body.transfers ?? null,
    lead,
    campaign: body.campaign ?? (isJsonObject(lead) ? (lead.campaign ?? null) : null),
  };
  // Two pages of the vendor name one status differently.
  if (body.status === 'unanswered') call.status = 'no-answer';
  return call;
}

/** The campaign belongs under the lead; some installations send it beside. */
function normaliseLead({ lead, campaign }: JsonObject): Json {
  if (!isJsonObject(lead)) return lead ?? null;
  return { ...lead, variables: asMap(lead.variables), campaign: lead.campaign ?? campaign ?? null };
}

/** The vendor's backend writes an empty map as `[]`. */
function asMap(value: Json | undefined): Json {
  if (value === undefined || value === null) return {};
  return Array.isArray(value) && value.length === 0 ? {} : value;
}
