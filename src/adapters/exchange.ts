import { type AttemptOutcome, type Link } from '../domain/attempt.js';
import { EgressError, type HttpRequest, type HttpResponse } from '../egress/http-client.js';
import { type Json, type JsonObject } from '../lib/json.js';
import { type SendRequest } from './adapter.js';
import { outcomeOfEgressError, outcomeOfResponse } from './http-outcome.js';

/** The HTTP API of a vendor, as one destination uses it. */
export interface Api {
  /** What every path stands below, e.g. `https://api.hubapi.com`. */
  base: string;
  /** Headers of every request. Asked anew after {@link renew}. */
  headers(): Record<string, string> | Promise<Record<string, string>>;
  /** Drops an access token that was refused, so that `headers` gives a new one; a request is repeated once. */
  renew?(): void;
  /** The vendor's own meaning of an answer that is no success by its body or by words; null: as its status says. */
  judge?(answer: ApiAnswer, now: number): AttemptOutcome | null;
}

export interface ApiRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base; what comes from data is percent-encoded by whoever builds it. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  json?: Json;
  form?: Record<string, string>;
  headers?: Record<string, string>;
  /** Statuses besides 2xx that are an answer and no failure here, e.g. 404 where nothing may be found. */
  accept?: readonly number[];
}

export interface ApiAnswer extends HttpResponse {
  /** The body read as JSON; null where it is none. */
  json: Json;
}

/** Ends an attempt from within; {@link makeAttempt} answers with its outcome. */
class AttemptEnded extends Error {
  constructor(readonly outcome: AttemptOutcome) {
    super('the attempt ended');
  }
}

/** The outcome with which an attempt was ended from within; null for any other error. */
export function endOf(error: unknown): AttemptOutcome | null {
  return error instanceof AttemptEnded ? error.outcome : null;
}

/** Ends the attempt: the destination would refuse it for good. `message` is for people. */
export function refuse(message: string): never {
  throw new AttemptEnded({ outcome: 'rejected', reason: 'invalid_input', message });
}

/** Ends the attempt with any outcome. */
export function endAttempt(outcome: AttemptOutcome): never {
  throw new AttemptEnded(outcome);
}

/** What a delivery that succeeded leaves: fields that later actions may use as `{{ actions.<id>.… }}`. */
export type Receipt = JsonObject;

/**
 * One attempt of several requests that share one deadline. `read` changes nothing at the vendor: without an
 * answer it is simply tried again. `write` may have arrived: without an answer its outcome is unknown.
 */
export class Exchange {
  readonly #links = new Map<string, Json>();
  readonly #endsAt: number;
  #lastStatus: number | undefined;

  constructor(
    readonly request: SendRequest,
    private readonly api: Api,
  ) {
    this.#endsAt = performance.now() + request.timeoutMs;
  }

  get lastStatus(): number | undefined {
    return this.#lastStatus;
  }

  get links(): Link[] {
    return [...this.#links].map(([key, value]) => ({ key, value }));
  }

  read(request: ApiRequest): Promise<ApiAnswer> {
    return this.#send({ method: 'GET', ...request }, 'read');
  }

  write(request: ApiRequest): Promise<ApiAnswer> {
    return this.#send({ method: 'POST', ...request }, 'write');
  }

  /** What this or an earlier delivery remembered under the key, for the same destination and client. */
  async find(key: string): Promise<Json> {
    const own = this.#links.get(key);
    return own !== undefined ? own : this.request.links.find(key);
  }

  /** Kept in the store together with the outcome of this attempt, whatever that is. */
  remember(key: string, value: Json): void {
    this.#links.set(key, value);
  }

  async #send(request: ApiRequest, effect: 'read' | 'write'): Promise<ApiAnswer> {
    const answer = await this.#exchange(request, effect);
    if (answer.status !== 401 || this.api.renew === undefined) return this.#judge(request, answer);
    this.api.renew();
    return this.#judge(request, await this.#exchange(request, effect));
  }

  async #exchange(request: ApiRequest, effect: 'read' | 'write'): Promise<ApiAnswer> {
    const headers = await this.api.headers();
    const { http, now } = this.request;
    try {
      const response = await http.send(this.#httpRequest(request, headers));
      this.#lastStatus = response.status;
      return { ...response, json: readJson(response.body) };
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      const outcome = outcomeOfEgressError(error, now);
      // Nothing was changed by a question, so it may be asked again.
      if (effect === 'read' && outcome.outcome === 'unknown') endAttempt({ ...outcome, outcome: 'retry' });
      return endAttempt(outcome);
    }
  }

  #httpRequest(request: ApiRequest, headers: Record<string, string>): HttpRequest {
    const { method = 'GET', json, form } = request;
    const body = json !== undefined ? JSON.stringify(json) : form && new URLSearchParams(form).toString();
    const type = json !== undefined ? 'application/json' : 'application/x-www-form-urlencoded';
    return {
      method,
      url: urlOf(this.api.base, request),
      headers: {
        Accept: 'application/json',
        ...(body !== undefined && { 'Content-Type': type }),
        ...headers,
        ...request.headers,
      },
      ...(body !== undefined && { body }),
      timeoutMs: this.#timeLeftMs(),
      signal: this.request.signal,
    };
  }

  /** A request that could not even begin within the deadline is not sent. */
  #timeLeftMs(): number {
    const leftMs = Math.ceil(this.#endsAt - performance.now());
    if (leftMs > 0) return leftMs;
    return endAttempt({
      outcome: 'retry',
      reason: 'timeout',
      message: `not finished within ${this.request.timeoutMs} ms`,
    });
  }

  #judge({ accept = [] }: ApiRequest, answer: ApiAnswer): ApiAnswer {
    if (accept.includes(answer.status)) return answer;
    const { now } = this.request;
    const outcome = this.api.judge?.(answer, now) ?? outcomeOfResponse(answer, now);
    return outcome.outcome === 'delivered' ? answer : endAttempt(outcome);
  }
}

/**
 * Makes one attempt: runs the steps, which answer with the receipt, or end the attempt from within. What they
 * remembered goes with every outcome, so that a second attempt goes on where the first one ended.
 */
export async function makeAttempt(
  request: SendRequest,
  api: Api,
  steps: (exchange: Exchange) => Promise<Receipt>,
): Promise<AttemptOutcome> {
  const exchange = new Exchange(request, api);
  const outcome = await concluded(exchange, steps);
  return exchange.links.length === 0 ? outcome : { ...outcome, links: exchange.links };
}

async function concluded(
  exchange: Exchange,
  steps: (exchange: Exchange) => Promise<Receipt>,
): Promise<AttemptOutcome> {
  try {
    const receipt = await steps(exchange);
    const httpStatus = exchange.lastStatus;
    return { outcome: 'delivered', ...(httpStatus !== undefined && { httpStatus }), receipt };
  } catch (error) {
    const outcome = endOf(error);
    if (outcome !== null) return outcome;
    // Without a written link to lose, the dispatcher says the same of it.
    if (exchange.links.length === 0) throw error;
    return { outcome: 'retry', reason: 'internal', message: error instanceof Error ? error.message : '' };
  }
}

function urlOf(base: string, { path, query = {} }: ApiRequest): string {
  const url = new URL(base.replace(/\/+$/, '') + path);
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(key, String(value));
  return url.href;
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
