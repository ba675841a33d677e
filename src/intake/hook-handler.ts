import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Config, type SourceConfig } from '../config/config.js';
import { secretMatcher } from '../lib/constant-time.js';
import { type IpRanges, ipRanges } from '../lib/ip-ranges.js';
import { StoreUnavailableError } from '../store/store.js';
import { type EventAcceptor, UnknownSourceError } from './accept-event.js';
import * as answers from './answers.js';
import { type HookAnswer, sendAnswer } from './answers.js';
import { clientAddress } from './client-address.js';
import { labelsOf } from './labels.js';
import {
  BODY_LIMITS,
  type BodyLimits,
  type BodyReading,
  discardBody,
  encodingOf,
  readBody,
  unpack,
} from './read-body.js';

/** The hook's address, taken apart: `/hooks/:source/:token?label=value`. */
export interface HookParams {
  source: string;
  /** Null when the path ends at the source; then the token comes as `Authorization: Bearer`. */
  token: string | null;
  query: URLSearchParams;
}

export interface HookHandlerParts {
  acceptor: Pick<EventAcceptor, 'accept'>;
  live: { current(): { config: Config } };
  /** Tokens made at first start, by source; used where the configuration names none. */
  tokens: ReadonlyMap<string, readonly string[]>;
  /** Told once per answer, with its `status` and a configured source or `unknown`. */
  observe?: (status: string, source: string) => void;
  /** Told of every failure that the sender only sees as 500 or 503. */
  onError?: (error: unknown) => void;
  limits?: BodyLimits;
}

/** The host application's body parser took the body; only whoever put the two together can mend it. */
const BODY_TAKEN = 'the hook found its body read already; call AftercallModule.attach(app) before listen';

/** Answers hooks on plain Node HTTP, so that one reader serves Fastify, Express and tests. */
export class HookHandler {
  readonly #parts: HookHandlerParts;
  readonly #limits: BodyLimits;
  readonly #ranges = new WeakMap<readonly string[], IpRanges>();
  readonly #matchers = new WeakMap<readonly string[], (token: string) => boolean>();

  constructor(parts: HookHandlerParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? BODY_LIMITS;
  }

  /** Reads a request and answers it. Never rejects; nobody is answered who has gone. */
  async handle(request: IncomingMessage, response: ServerResponse, params: HookParams): Promise<void> {
    const answer = await this.#answer(request, params).catch((error: unknown) => this.#failure(error));
    if (answer === null) return;
    sendAnswer(response, answer);
    if (answer.closes !== true) discardBody(request, this.#limits);
    const known = this.#parts.live.current().config.sources.has(params.source);
    this.#parts.observe?.(answer.body.status, known ? params.source : 'unknown');
  }

  async #answer(request: IncomingMessage, params: HookParams): Promise<HookAnswer | null> {
    const refusal = this.#refusal(request, params);
    if (refusal) return refusal;
    const body = await readBody(request, this.#limits);
    if (!body.ok) return unreadAnswer(body);
    const packed = encodingOf(request) === 'gzip';
    const bytes = packed ? await unpack(body.bytes, this.#limits.maxBytes) : body.bytes;
    if (bytes === null) return answers.TOO_LARGE;
    const contentType = request.headers['content-type'] ?? null;
    return this.#parts.acceptor.accept(params.source, bytes, { labels: labelsOf(params.query), contentType });
  }

  /** Everything that can be refused without reading the body. */
  #refusal(request: IncomingMessage, { source: name, token }: HookParams): HookAnswer | null {
    if (request.method !== 'POST') return answers.METHOD_NOT_ALLOWED;
    const { config } = this.#parts.live.current();
    const source = config.sources.get(name);
    if (!source) return answers.UNKNOWN_SOURCE;
    if (!this.#isAllowedAddress(request, source, config)) return answers.FORBIDDEN;
    if (!this.#isRightToken(source, token ?? bearerToken(request))) return answers.UNAUTHORIZED;
    return encodingOf(request) === 'unknown' ? answers.UNSUPPORTED_ENCODING : null;
  }

  #isAllowedAddress(request: IncomingMessage, { allowIps }: SourceConfig, { server }: Config): boolean {
    if (allowIps.length === 0) return true;
    const address = clientAddress(request, this.#rangesOf(server.trustedProxies));
    return address !== null && this.#rangesOf(allowIps).contains(address);
  }

  #isRightToken(source: SourceConfig, given: string): boolean {
    const tokens = source.tokens.length > 0 ? source.tokens : (this.#parts.tokens.get(source.name) ?? []);
    const matches = this.#matchers.get(tokens) ?? secretMatcher(tokens);
    this.#matchers.set(tokens, matches);
    return matches(given);
  }

  #rangesOf(cidrs: readonly string[]): IpRanges {
    const ranges = this.#ranges.get(cidrs) ?? ipRanges(cidrs);
    this.#ranges.set(cidrs, ranges);
    return ranges;
  }

  #failure(error: unknown): HookAnswer {
    // Between the look at the token and the store a new configuration may have dropped the source.
    if (error instanceof UnknownSourceError) return answers.UNKNOWN_SOURCE;
    this.#parts.onError?.(error);
    return error instanceof StoreUnavailableError ? answers.UNAVAILABLE : answers.INTERNAL_ERROR;
  }
}

function bearerToken(request: IncomingMessage): string {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function unreadAnswer(body: Extract<BodyReading, { ok: false }>): HookAnswer | null {
  switch (body.why) {
    case 'too_large':
      return { ...answers.TOO_LARGE, closes: !body.wholly };
    case 'too_slow':
      return answers.TOO_SLOW;
    case 'aborted':
      return null;
    case 'taken':
      throw new Error(BODY_TAKEN);
  }
}
