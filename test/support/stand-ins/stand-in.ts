import { type Json, type JsonObject } from '../../../src/lib/json.js';

/** A request as a vendor's server reads it. Header names are in lower case. */
export interface StandInRequest {
  method: string;
  /** Path without the query, as it was sent. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: string;
  /** The body as JSON; undefined where it is none. */
  json: Json | undefined;
  /** The body as a form. */
  form: URLSearchParams;
}

/** Default: 200 without a body. A body that is no text is sent as JSON. */
export interface StandInAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: Json;
}

/**
 * A vendor's API in memory: it keeps records, finds duplicates, enforces the vendor's limits and answers with the
 * vendor's own errors. One object is one account.
 */
export interface StandIn {
  handle(request: StandInRequest): StandInAnswer;
  /** Everything that an operation of the adapter has made so far, e.g. every call that was logged. */
  records(operation: string): unknown[];
}

/** One way to use an operation. */
export interface StandInCase {
  /** Default: the operation's name. */
  name?: string;
  operation: string;
  /** As an action's `with` says it; templates are rendered over {@link data}. */
  with: JsonObject;
  /** Laid over the call that templates see. */
  data?: JsonObject;
  /** Laid over the options of the destination. */
  options?: JsonObject;
  /** How many records one delivery makes. Default 1. */
  records?: number;
  /**
   * What a repeat after an unknown outcome leads to: `one`, no second record; `marked`, where the vendor gives no means,
   * a second one that says it may be the second; `held`, where not even that is acceptable: nothing is sent, and the
   * outcome stays unknown, until a person releases it. Default `one`.
   */
  repeat?: 'one' | 'marked' | 'held';
  /** Paths of texts that are no free text: ids, names of fields, enumerations. The others are tried with hostile texts. */
  fixed?: string[];
}

/** What a kind's stand-in file exports as `standIn`. */
export interface StandInKind {
  kind: string;
  create(): StandIn;
  /** Options of a destination, as written in `aftercall.yaml`, whose API is at this address. Secrets hold `hushhush`. */
  options(url: string): JsonObject;
  cases: StandInCase[];
  /** The vendor's own way to say so; `afterMs`: the wait that the adapter must read from it, null where it says none. */
  throttled: { answer: StandInAnswer; afterMs: number | null };
  /** `words`: what a person must find of it in the reason. */
  rejected: { answer: StandInAnswer; words: string };
  unauthorized: StandInAnswer;
  /** Whether a request changes something. Default: its method is not GET. */
  isWrite?(request: StandInRequest): boolean;
  /** Whether a request only asks for an access token. Default: none does. */
  isLogin?(request: StandInRequest): boolean;
  /**
   * What the vendor's clients would take for mark-up in a text that was sent: tags, mentions, links. A hostile text must
   * add none. `field`: the key it was sent under, for vendors that show some fields as HTML and others as they are.
   */
  marksOf: (text: string, field: string) => string[];
}

/** A JSON answer of the vendor. */
export function answer(status: number, body?: Json, headers?: Record<string, string>): StandInAnswer {
  return { status, ...(body !== undefined && { body }), ...(headers && { headers }) };
}
