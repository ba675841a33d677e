import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Json, isJsonObject } from '../../lib/json.js';
import { type SendRequest, fieldFormat } from '../adapter.js';
import { cleanText } from '../colleague-message.js';
import { cutText } from '../cut-text.js';
import { endAttempt, type Exchange, makeAttempt, type Receipt } from '../exchange.js';
import { writeToContact } from '../write-to-contact.js';
import { findEarlier } from './earlier.js';
import { twilioApi } from './twilio-api.js';
import { type TwilioOptions } from './twilio-options.js';

export const sms = z.strictObject({
  to: fieldFormat('phone', z.string()).describe('Number that gets the message'),
  text: z.string().min(1).describe('The message, cut and marked at 1,600 characters'),
  from: z
    .string()
    .min(1)
    .optional()
    .describe("In place of that of the destination; fixed, or by lookup: '<table>'"),
});

/** Twilio refuses longer ones (21617). */
const MAX_TEXT = 1_600;

/** Sends a text message. Before it is done again, those to the same number are looked through. */
export async function sendSms(request: SendRequest<TwilioOptions>): Promise<AttemptOutcome> {
  const { to, text, from } = sms.parse(request.input);
  const content = { To: to, Body: cutText(cleanText(text), MAX_TEXT) };
  const outcome = await makeAttempt(request, twilioApi(request.options), async (exchange) => {
    const earlier = request.mayHaveArrived ? await findEarlier(exchange, content) : null;
    if (earlier !== null) return { id: earlier };
    const form = { ...content, ...senderOf(request.options, from) };
    return receiptOf(await create(exchange, form));
  });
  return withTime(outcome, request);
}

function create(exchange: Exchange, form: Record<string, string>): Promise<Json> {
  return writeToContact(exchange, { path: '/Messages.json', form });
}

function senderOf(
  { from, messaging_service_sid: service }: TwilioOptions,
  named: string | undefined,
): Record<string, string> {
  if (named === undefined && service !== undefined) return { MessagingServiceSid: service };
  return { From: named ?? from ?? '' };
}

function receiptOf(message: Json): Receipt {
  if (isJsonObject(message) && typeof message.sid === 'string') return { id: message.sid };
  return endAttempt({ outcome: 'unknown', reason: 'server_error', message: 'Twilio answered without a sid' });
}

/** The next attempt has to know from when on to look. */
function withTime(outcome: AttemptOutcome, { now, progress }: SendRequest): AttemptOutcome {
  if (outcome.outcome !== 'unknown' || progress !== null) return outcome;
  return { ...outcome, progress: { triedAt: now } };
}
