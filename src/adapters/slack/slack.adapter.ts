import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type HttpRequest, type HttpResponse } from '../../egress/http-client.js';
import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { type SendRequest, defineAdapter, fieldFormat, secret } from '../adapter.js';
import { describeAnswer, judgeByStatus, outcomeOfResponse, sendAndJudge } from '../http-outcome.js';

/** Slack cuts longer texts itself, without saying so. */
const MAX_TEXT = 40_000;
const CUT_MARK = '… [cut]';

const options = z.strictObject({
  webhook_url: secret(z.url({ protocol: /^https?$/ }).optional()).describe('Incoming webhook of one channel'),
  bot_token: secret(z.string().min(1).optional()).describe(
    'Token of an app with chat:write, starts with xoxb-',
  ),
  channel: z.string().min(1).optional().describe('Channel for bot_token: "#name" (quoted) or id'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://slack.com')
    .describe('Stands in for https://slack.com'),
});

type Options = z.output<typeof options>;

const message = z
  .strictObject({
    text: fieldFormat('slack', z.string().optional()).describe(
      'Message in mrkdwn; with blocks: what notifications show',
    ),
    blocks: fieldFormat('blocks', z.union([z.array(z.unknown()), z.string()]).optional()).describe(
      'Block Kit: a list, or a Liquid template that gives one',
    ),
  })
  .refine((input) => Boolean(input.text) || input.blocks !== undefined, 'needs text or blocks');

export const adapter = defineAdapter({
  kind: 'slack',
  description: 'Posts a message to a Slack channel.',
  options,
  operations: {
    message: {
      description: 'Posts one message',
      input: message,
      audience: 'colleagues',
      testMarkField: 'text',
    },
  },
  defaultOperation: 'message',
  checkOptions,
  addresses: ({ webhook_url: url, base_url: base }) => [new URL(url ?? base).hostname],
  send,
});

function checkOptions({
  webhook_url: url,
  bot_token: token,
  channel,
}: Options): { path: string; problem: string }[] {
  if (url !== undefined && (token !== undefined || channel !== undefined))
    return [
      {
        path: 'webhook_url',
        problem: 'stands beside bot_token or channel; give webhook_url, or bot_token and channel',
      },
    ];
  if (url === undefined && token === undefined)
    return [{ path: 'webhook_url', problem: 'is missing; give webhook_url, or bot_token and channel' }];
  if (url === undefined && channel === undefined)
    return [
      {
        path: 'channel',
        problem: 'is missing; bot_token needs the channel to post to, e.g. channel: "#sales"',
      },
    ];
  return [];
}

async function send(request: SendRequest<Options>): Promise<AttemptOutcome> {
  const payload = readMessage(request.input);
  if (typeof payload === 'string') return { outcome: 'rejected', reason: 'invalid_input', message: payload };
  const { options: to, http, now } = request;
  if (to.webhook_url !== undefined)
    return webhookOutcome(await judgeByStatus(http, post(request, to.webhook_url, payload), now));
  const url = new URL('/api/chat.postMessage', to.base_url).href;
  // Links in a summary are the caller's words: no preview of whatever they lead to.
  const body = { channel: to.channel ?? '', ...payload, unfurl_links: false, unfurl_media: false };
  const judge = (response: HttpResponse) => apiOutcome(response, now);
  return sendAndJudge(http, post(request, url, body, to.bot_token), now, judge);
}

/** Exactly `text` and `blocks`, each only where given; a sentence where the input gives no message. */
function readMessage(input: JsonObject): { text?: string; blocks?: Json[] } | string {
  const text = typeof input.text === 'string' && input.text !== '' ? cut(input.text) : undefined;
  const blocks = typeof input.blocks === 'string' ? parseJson(input.blocks) : input.blocks;
  if (blocks !== undefined && !Array.isArray(blocks))
    return 'blocks is no list; expected a list of Block Kit blocks';
  if (text === undefined && blocks === undefined) return 'the message has neither text nor blocks';
  return { ...(text !== undefined && { text }), ...(blocks !== undefined && { blocks }) };
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return text.slice(0, MAX_TEXT - CUT_MARK.length).replace(/[\ud800-\udbff]$/, '') + CUT_MARK;
}

function post(
  { timeoutMs, signal }: SendRequest,
  url: string,
  payload: JsonObject,
  token?: string,
): HttpRequest {
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    ...(token && { Authorization: `Bearer ${token}` }),
  };
  return { method: 'POST', url, headers, body: JSON.stringify(payload), timeoutMs, signal };
}

/** The URL is the credential: these answers say that it was revoked. */
const REVOKED = /: (no_service|no_team|invalid_token|team_disabled)$/;

function webhookOutcome(outcome: AttemptOutcome): AttemptOutcome {
  if (outcome.outcome !== 'rejected' || !REVOKED.test(outcome.message ?? '')) return outcome;
  return { ...outcome, outcome: 'unauthorized', reason: 'unauthorized' };
}

const AUTH_ERRORS = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
];
const RATE_ERRORS = ['ratelimited', 'rate_limited', 'message_limit_exceeded'];
const RETRY_ERRORS = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'];

/** chat.postMessage answers 200 with `ok: false` where it refuses. */
function apiOutcome(response: HttpResponse, now: number): AttemptOutcome {
  const byStatus = outcomeOfResponse(response, now);
  if (byStatus.outcome !== 'delivered') return byStatus;
  const answer = parseJson(response.body);
  const httpStatus = response.status;
  if (!isJsonObject(answer) || typeof answer.ok !== 'boolean')
    return {
      outcome: 'unknown',
      reason: 'server_error',
      httpStatus,
      message: `no answer of Slack: ${describeAnswer(response)}`,
    };
  if (answer.ok)
    return {
      outcome: 'delivered',
      httpStatus,
      receipt: { channel: answer.channel ?? null, ts: answer.ts ?? null },
    };
  return apiRefusal(typeof answer.error === 'string' ? answer.error : 'unknown_error', response, now);
}

function apiRefusal(error: string, response: HttpResponse, now: number): AttemptOutcome {
  const failed = { httpStatus: response.status, message: `Slack answered ${error.slice(0, 100)}` };
  if (AUTH_ERRORS.includes(error)) return { outcome: 'unauthorized', reason: 'unauthorized', ...failed };
  if (RETRY_ERRORS.includes(error)) return { outcome: 'retry', reason: 'server_error', ...failed };
  if (!RATE_ERRORS.includes(error)) return { outcome: 'rejected', reason: 'client_error', ...failed };
  return { ...outcomeOfResponse({ ...response, status: 429 }, now), ...failed };
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
