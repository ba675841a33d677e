import { type JsonObject } from '../../lib/json.js';

const ADVICE = 'Give this address to "Post-call actions" only';

/**
 * The vendor posts other things too, and their ids count in the same numbers as calls. Says which of them a
 * body looks like, or null.
 */
export function otherWebhook(body: JsonObject): string | null {
  const name = nameOf(body);
  return name === null ? null : `looks like ${name}, not like the end of a call. ${ADVICE}`;
}

function nameOf(body: JsonObject): string | null {
  if (body.event === 'message_status') return 'a WhatsApp read receipt (event "message_status")';
  if (body.event === 'whatsapp_voice') return 'a WhatsApp call permission (event "whatsapp_voice")';
  if (has(body, 'conversation_id') && !has(body, 'duration'))
    return 'the end of a chat (it has a conversation_id)';
  if (isPreCall(body)) return 'the inbound webhook from before a call (phones, but neither id nor status)';
  return null;
}

function isPreCall(body: JsonObject): boolean {
  const hasPhones = body.customer_phone !== undefined && body.assistant_phone !== undefined;
  return hasPhones && !has(body, 'id') && body.status === undefined;
}

function has(body: JsonObject, key: string): boolean {
  return body[key] !== undefined && body[key] !== null;
}
