import { type JsonObject, isJsonObject } from '../../lib/json.js';
import { endAttempt, type Exchange } from '../exchange.js';
import { describeAnswer } from '../http-outcome.js';

/** Clocks differ, and Twilio's times have no fractions of a second. */
const SKEW_MS = 5 * 60_000;
/** Where a crash left no time of the first attempt: who got this very text within a day needs no second one. */
const LOOKS_BACK_MS = 86_400_000;

/**
 * SID of the message that an earlier attempt of this delivery made, or null. Those to a number come newest first,
 * and a hundred is more than anybody gets between two attempts. Not asked by `DateSent`: what waits in the queue
 * has none yet.
 */
export async function findEarlier(
  exchange: Exchange,
  { To, Body }: { To: string; Body: string },
): Promise<string | null> {
  const answer = await exchange.read({ path: '/Messages.json', query: { To, PageSize: 100 } });
  const messages = isJsonObject(answer.json) ? answer.json.messages : null;
  if (!Array.isArray(messages)) {
    const message = `no list of Twilio: ${describeAnswer(answer)}`;
    return endAttempt({ outcome: 'retry', reason: 'server_error', httpStatus: answer.status, message });
  }
  const since = firstTime(exchange);
  const own = messages
    .filter((message) => isJsonObject(message))
    .find((message) => madeAt(message) >= since && isSameText(message, Body));
  return typeof own?.sid === 'string' ? own.sid : null;
}

function firstTime({ request: { progress, now } }: Exchange): number {
  const tried = isJsonObject(progress) && typeof progress.triedAt === 'number' ? progress.triedAt : null;
  return tried === null ? now - LOOKS_BACK_MS : tried - SKEW_MS;
}

/** Without a readable time it may be ours, and the text decides. */
function madeAt({ date_created: created }: JsonObject): number {
  const time = typeof created === 'string' ? Date.parse(created) : NaN;
  return Number.isNaN(time) ? Infinity : time;
}

const TRIAL_PREFIX = /^Sent from your Twilio trial account - /;

function isSameText({ body }: JsonObject, text: string): boolean {
  return typeof body === 'string' && plain(body.replace(TRIAL_PREFIX, '')) === plain(text);
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
