import { type AttemptOutcome } from '../../domain/attempt.js';
import { type MailMessage } from '../../egress/mail-client.js';
import { type JsonObject, isJsonObject } from '../../lib/json.js';
import { type SendRequest } from '../adapter.js';
import { type ApiAnswer, endAttempt, makeAttempt, type Receipt, refuse } from '../exchange.js';
import { describeAnswer } from '../http-outcome.js';
import { type EmailOptions } from './email-options.js';
import { resendApi } from './resend-api.js';

/** Of one mail, to and cc each. */
const MAX_ADDRESSES = 50;

/** Under the same key and with the same content, Resend sends once and answers twice, for 24 hours. */
export function sendByResend(
  request: SendRequest<EmailOptions>,
  message: MailMessage,
): Promise<AttemptOutcome> {
  return makeAttempt(request, resendApi(request.options), async (exchange) => {
    if (Math.max(message.to.length, message.cc?.length ?? 0) > MAX_ADDRESSES)
      return refuse(`the mail has more than ${MAX_ADDRESSES} addresses; Resend takes no more`);
    const headers = { 'Idempotency-Key': request.idempotencyKey };
    return readReceipt(await exchange.write({ path: '/emails', json: contentOf(message), headers }));
  });
}

function contentOf({ from, to, cc = [], replyTo, subject, text, html, ...message }: MailMessage): JsonObject {
  const attachments = (message.attachments ?? []).map(({ name, text: content }) => ({
    ...{ filename: name, content_type: 'text/plain' },
    content: Buffer.from(content).toString('base64'),
  }));
  return {
    ...{ from, to, subject, headers: { ...message.headers } },
    ...(cc.length > 0 && { cc }),
    ...(replyTo !== undefined && { reply_to: replyTo }),
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
    ...(attachments.length > 0 && { attachments }),
  };
}

function readReceipt(answer: ApiAnswer): Receipt {
  const id = isJsonObject(answer.json) ? answer.json.id : null;
  if (typeof id === 'string') return { message_id: id, refused: [] };
  return endAttempt({
    ...{ outcome: 'unknown', reason: 'server_error', httpStatus: answer.status },
    message: `no mail in the answer of Resend: ${describeAnswer(answer)}`,
  });
}
