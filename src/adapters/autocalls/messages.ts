import { type AttemptOutcome } from '../../domain/attempt.js';
import { readPath } from '../../lib/json.js';
import { type SendRequest } from '../adapter.js';
import { cutText } from '../cut-text.js';
import { type Exchange, makeAttempt, refuse } from '../exchange.js';
import { autocallsApi, change } from './autocalls-api.js';
import { type AutocallsOptions } from './autocalls-options.js';
import { receiptOf } from './receipt.js';
import { holdUnlessReleased } from './hold.js';
import {
  lengthOf,
  MAX_SMS,
  sendSms as sendSmsInput,
  sendWhatsapp as sendWhatsappInput,
  tooLong,
} from './inputs.js';

const NO_LIST = 'Autocalls lists no messages that were sent';

export function sendSms(request: SendRequest<AutocallsOptions>): Promise<AttemptOutcome> {
  const { from, to, text } = sendSmsInput.parse(request.input);
  return makeAttempt(request, autocallsApi(request.options), async (exchange) => {
    if (lengthOf(text) > MAX_SMS) refuse(`text ${tooLong(text)}`);
    holdUnlessReleased(exchange, NO_LIST);
    const { data } = await change(exchange, { path: '/user/sms', json: { from, to, body: text } });
    return receiptOf(data, 'id', 'sms_id');
  });
}

/** WhatsApp's own limit. */
const MAX_WHATSAPP = 4096;

/** Sends an approved template, or free text while the contact's last message is younger than 24 hours. */
export function sendWhatsapp(request: SendRequest<AutocallsOptions>): Promise<AttemptOutcome> {
  const { sender_id, to, text, template_id, variables, name } = sendWhatsappInput.parse(request.input);
  return makeAttempt(request, autocallsApi(request.options), async (exchange) => {
    holdUnlessReleased(exchange, NO_LIST);
    const receiver = { sender_id, recipient_phone: to };
    if (text !== undefined) {
      await expectOpenSession(exchange, receiver);
      const json = { ...receiver, message: cutText(text, MAX_WHATSAPP) };
      return receiptOf(await change(exchange, { path: '/user/whatsapp/send-freeform', json }), 'message_id');
    }
    const json = {
      ...receiver,
      ...(template_id !== undefined && { template_id }),
      ...(name !== undefined && { recipient_name: name }),
      ...(variables && { variables: onOneLine(variables) }),
    };
    return receiptOf(await change(exchange, { path: '/user/whatsapp/send', json }), 'message_id');
  });
}

async function expectOpenSession(
  exchange: Exchange,
  receiver: { sender_id: number; recipient_phone: string },
): Promise<void> {
  const { json } = await exchange.read({ path: '/user/whatsapp/session-status', query: receiver });
  if (readPath(json, 'session_status.can_send_freeform') === true) return;
  const message = readPath(json, 'session_status.message');
  const why = typeof message === 'string' ? message.slice(0, 200) : 'no open session';
  refuse(`WhatsApp takes no free text for this contact now: ${why} Use template_id instead`);
}

/** WhatsApp refuses a template whose variable breaks a line. */
function onOneLine(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replace(/\s+/g, ' ').trim()]),
  );
}
