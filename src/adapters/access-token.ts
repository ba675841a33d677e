import { createHash } from 'node:crypto';
import { type AttemptOutcome } from '../domain/attempt.js';
import { EgressError, type HttpResponse } from '../egress/http-client.js';
import { type Json, isJsonObject } from '../lib/json.js';
import { type SendRequest } from './adapter.js';
import { endAttempt } from './exchange.js';
import { outcomeOfEgressError, outcomeOfResponse } from './http-outcome.js';

/** A token of OAuth 2.0, and what came with it. */
export interface AccessToken {
  token: string;
  /** The whole answer, e.g. for `instance_url`. */
  answer: Record<string, Json>;
}

/** What asking for one needs of an attempt, or of an inspection. */
export type TokenAsker = Pick<SendRequest, 'http' | 'timeoutMs' | 'now'>;

export interface TokenRequest {
  url: string;
  /** Fields of the form; they name the account and hold the secret. */
  form: () => Record<string, string>;
  headers?: Record<string, string>;
  /** What tells one account from another, secrets included; kept as a hash only. */
  account: readonly string[];
  /** How long a token counts when the answer does not say; default 50 minutes. */
  lifetimeMs?: number;
}

interface Kept {
  token: AccessToken;
  until: number;
}

const DEFAULT_LIFETIME_MS = 50 * 60_000;
/** Renewed before the vendor's clock and ours disagree about its end. */
const MARGIN_MS = 60_000;
const MAX_KEPT = 1_000;

/** Tokens of one process, by account. Each is asked for once, however many attempts want it at the same time. */
export class AccessTokens {
  readonly #kept = new Map<string, Kept>();
  readonly #asked = new Map<string, Promise<AccessToken>>();

  /** A token that still counts, or a new one; ends the attempt where none is given. */
  async find(request: TokenAsker, wanted: TokenRequest): Promise<AccessToken> {
    const account = nameOf(wanted);
    const kept = this.#kept.get(account);
    if (kept && kept.until > request.now) return kept.token;
    const asked = this.#asked.get(account) ?? this.#ask(request, wanted, account);
    return asked;
  }

  /** After a 401: the next attempt to use one asks for a new one. */
  forget(wanted: TokenRequest): void {
    this.#kept.delete(nameOf(wanted));
  }

  #ask(request: TokenAsker, wanted: TokenRequest, account: string): Promise<AccessToken> {
    const asking = fetchToken(request, wanted)
      .then(({ token, lifetimeMs }) => {
        if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
        this.#kept.set(account, { token, until: request.now + lifetimeMs - MARGIN_MS });
        return token;
      })
      .finally(() => this.#asked.delete(account));
    this.#asked.set(account, asking);
    return asking;
  }
}

function nameOf({ url, account }: TokenRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([url, ...account]))
    .digest('base64url');
}

async function fetchToken(
  { http, timeoutMs, now }: TokenAsker,
  { url, form, headers, lifetimeMs = DEFAULT_LIFETIME_MS }: TokenRequest,
): Promise<{ token: AccessToken; lifetimeMs: number }> {
  // Without the signal of one attempt: others may be waiting for the same token.
  const response = await http
    .send({
      method: 'POST',
      url,
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'application/json',
        ...headers,
      },
      body: new URLSearchParams(form()).toString(),
      timeoutMs,
    })
    .catch((error: unknown) => endUnasked(error, now));
  const answer = readAnswer(response, now);
  const { access_token: token, expires_in: seconds } = answer;
  if (typeof token !== 'string' || token === '') return endAttempt(refusal(response, now));
  return { token: { token, answer }, lifetimeMs: typeof seconds === 'number' ? seconds * 1_000 : lifetimeMs };
}

/** Nothing was done for the delivery yet: whatever went wrong, it may be tried again. */
function endUnasked(error: unknown, now: number): never {
  if (!(error instanceof EgressError)) throw error;
  const outcome = outcomeOfEgressError(error, now);
  return endAttempt(outcome.outcome === 'unknown' ? { ...outcome, outcome: 'retry' } : outcome);
}

function readAnswer(response: HttpResponse, now: number): Record<string, Json> {
  if (response.status !== 200) return endAttempt(refusal(response, now));
  try {
    const answer = JSON.parse(response.body) as Json;
    return isJsonObject(answer) ? answer : {};
  } catch {
    return endAttempt(refusal(response, now));
  }
}

/** 400 `invalid_client` and its like mean the credentials, and so does a 200 without a token. */
function refusal(response: HttpResponse, now: number): AttemptOutcome {
  const byStatus = outcomeOfResponse(response, now);
  const { status } = response;
  if (byStatus.outcome === 'retry') return byStatus;
  const word = /"error"\s*:\s*"([\w-]{1,60})"/.exec(response.body)?.[1] ?? `HTTP ${status}`;
  const message = `no access token was given: ${word}`;
  return { outcome: 'unauthorized', reason: 'unauthorized', httpStatus: status, message };
}
