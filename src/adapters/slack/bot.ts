import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { type SendRequest, callLink } from '../adapter.js';
import { type ApiAnswer, endAttempt, type Exchange, makeAttempt, type Receipt } from '../exchange.js';
import { type Message, markAsAgain } from './message.js';
import { errorOf, slackApi } from './slack-api.js';
import { type SlackOptions } from './slack-options.js';

/** A message that was posted: channel by its id, and its time, which is its name there. */
interface Posted {
  channel: string;
  ts: string;
}

/** Posts as a bot; or edits what the action posted for the same call, where `update` asks for it. */
export function postAsBot(request: SendRequest<SlackOptions>, message: Message): Promise<AttemptOutcome> {
  return makeAttempt(request, slackApi(request.options), async (exchange) => {
    const { update } = request.input;
    return (update === true ? await edit(exchange, message) : null) ?? post(exchange, request, message);
  });
}

async function post(
  exchange: Exchange,
  { input, options, call, mayHaveArrived }: SendRequest<SlackOptions>,
  message: Message,
): Promise<Receipt> {
  const channel = typeof input.channel === 'string' ? input.channel : (options.channel ?? '');
  const thread =
    input.thread === 'contact' && call.contact !== null ? `thread ${channel} ${call.contact}` : null;
  const root = thread === null ? null : asPosted(await exchange.find(thread));
  const content = {
    ...(mayHaveArrived ? markAsAgain(message) : message),
    // Links in a summary are the caller's words: no preview of whatever they lead to.
    ...{ unfurl_links: false, unfurl_media: false },
  };
  const posted = await postTo(exchange, { channel, ...content }, root);
  const name = { channel: posted.channel, ts: posted.ts };
  exchange.remember(callLink(call), name);
  if (thread !== null && posted.isRoot) exchange.remember(thread, name);
  return name;
}

/** A thread whose first message was deleted is begun anew. */
async function postTo(
  exchange: Exchange,
  content: JsonObject,
  root: Posted | null,
): Promise<Posted & { isRoot: boolean }> {
  if (root !== null) {
    const reply = await exchange.write({
      path: '/chat.postMessage',
      json: { ...content, channel: root.channel, thread_ts: root.ts },
    });
    if (errorOf(reply) === null) return { ...readPosted(reply), isRoot: false };
  }
  const answer = await exchange.write({ path: '/chat.postMessage', json: content });
  return { ...readPosted(answer), isRoot: true };
}

/** Null where there is nothing to edit any more. */
async function edit(exchange: Exchange, message: Message): Promise<Receipt | null> {
  const earlier = asPosted(await exchange.find(callLink(exchange.request.call)));
  if (earlier === null) return null;
  const { channel, ts } = earlier;
  const answer = await exchange.write({ path: '/chat.update', json: { channel, ts, ...message } });
  return errorOf(answer) === null ? { channel, ts } : null;
}

function readPosted(answer: ApiAnswer): Posted {
  return (
    asPosted(answer.json) ??
    endAttempt({
      ...{ outcome: 'rejected', reason: 'client_error', httpStatus: answer.status },
      message: `Slack answered ${errorOf(answer) ?? 'without channel and ts'}`,
    })
  );
}

function asPosted(value: Json): Posted | null {
  if (!isJsonObject(value)) return null;
  const { channel, ts } = value;
  return typeof channel === 'string' && typeof ts === 'string' ? { channel, ts } : null;
}
