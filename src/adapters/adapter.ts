import { type z } from 'zod';
import { type AttemptOutcome } from '../domain/attempt.js';
import { type ContactChannel } from '../domain/contact-limits.js';
import { type IfUnknown } from '../domain/delivery.js';
import { type EventStatus } from '../domain/event.js';
import { type HttpClient } from '../egress/http-client.js';
import { type MailClient } from '../egress/mail-client.js';
import { type Json, type JsonObject } from '../lib/json.js';

/**
 * An adapter is one folder under `adapters/`: the options of a destination kind, its operations with
 * their input schemas, and `send`. It only sends: it never retries, sleeps, logs, counts, reads the
 * environment or sees the database. The file `<kind>/<kind>.adapter.ts` exports it as `adapter`.
 */
export interface Adapter<Options extends z.ZodObject = z.ZodObject> {
  /** The word in `kind:`; equals the folder's name. */
  kind: string;
  /** One sentence for docs and editors. */
  description: string;
  /** Own options of a destination of this kind; secrets are marked with {@link secret}. */
  options: Options;
  operations: Record<string, Operation>;
  /** Operation used when an action names none; left out where there is no obvious one. */
  defaultOperation?: string;
  /**
   * For a kind whose operations depend on its options (`log` with `as`). An `as` that names no kind gives
   * no operations; {@link checkOptions} says so in words. Left out: {@link operations} as they are.
   */
  operationsFor?(options: z.output<Options>, kinds: ReadonlyMap<string, Adapter>): OperationSet;
  /** Makes one try. Anything it throws counts as our own fault (`internal`, retried). */
  send(request: SendRequest<z.output<Options>>): Promise<AttemptOutcome>;
  /** Problems that need more than the schema, e.g. "webhook_url or bot_token". Found by `check`. */
  checkOptions?(
    options: z.output<Options>,
    kinds?: ReadonlyMap<string, Adapter>,
  ): { path: string; problem: string }[];
  /** Host names or addresses this destination would dial, for the warning of `check` about forbidden ones. */
  addresses?(options: z.output<Options>): string[];
  /**
   * Asks the destination, by reading only, whether its credentials are good and whether it knows what the rules
   * name: pipelines, properties, channels. For `check --online`. What it cannot find out is no problem; null: with
   * these options nothing can be asked without sending.
   */
  inspect?(request: InspectRequest<z.output<Options>>): Promise<Inspection | null>;
}

export interface InspectRequest<Options = unknown> {
  options: Options;
  /** What the rules ask of this destination. */
  uses: readonly InspectedUse[];
  http: HttpClient;
  mail: MailClient;
  timeoutMs: number;
  signal: AbortSignal;
  now: number;
}

/** One action of a rule. `with` is as written: texts with `{{` or `{%` are known only when a call comes in. */
export interface InspectedUse {
  operation: string;
  with: JsonObject;
}

export interface Inspection {
  /** Whose account it is, as the destination calls it; null where it does not say. */
  account: string | null;
  problems: InspectProblem[];
}

/** `use` is the place among the uses, and `path` a path below its `with`; `use: null`: the path is one of the options. */
export interface InspectProblem {
  use: number | null;
  path: string;
  problem: string;
}

/** What a destination can do, and what it does when an action names nothing. */
export interface OperationSet {
  operations: Record<string, Operation>;
  defaultOperation?: string;
}

export interface Operation {
  description: string;
  /** Input; fields carry their escaping through {@link fieldFormat}. Strict: unknown keys are errors. */
  input: z.ZodObject;
  /** `colleagues`: a message to people of the house: shows `[missing: path]`, goes out `[TEST]` for a vendor test. */
  audience: 'colleagues' | 'contact' | 'system';
  /** How it reaches the contact. Always there with audience `contact`, and with that one only. */
  reaches?: Reach;
  /** What happens when it was sent and no answer came. Default: `hold` with audience `contact`, else `retry`. */
  ifUnknown?: IfUnknown;
  /** Field that gets the `[TEST]` mark in front. Only with audience `colleagues`. */
  testMarkField?: string;
  /** Fields of the receipt, which later actions use as `{{ actions.<id>.<field> }}`. Left out: it leaves none. */
  receipt?: z.ZodObject;
  /** Further fields of the receipt, where an action's `with` chooses them. */
  receiptFields?(content: JsonObject): string[];
  /** Whether deliveries of one contact must come one after the other, e.g. so that the second finds what the first made. */
  isOrdered?(content: JsonObject): boolean;
  /** Problems of an action's `with`, as written, that its schema cannot say. Found by `check`. */
  check?(content: JsonObject): { path: string; problem: string }[];
  /** How a repeated attempt keeps from making a second record, in one sentence. */
  repeat?: string;
  /** Limits of the vendor that are kept or checked before, a sentence each. */
  limits?: string[];
}

export interface Reach {
  channel: ContactChannel;
  /**
   * Numbers or addresses that an input reaches, also of an input as written, with templates in it. Left out, or none: it
   * reaches the contact of the call.
   */
  addresses?(input: JsonObject): Json[];
}

/**
 * How template output is escaped in a field, and whether types are kept:
 * `text` as it is · `slack` (& < >) · `html` · `markdown` (a backslash before each mark) · `header` (control
 * characters refused) · `path` and `query` (percent-encoded) · `json` (the rendered text is JSON; output is
 * escaped for a JSON string) · `any` (a single `{{ … }}` keeps the type of its value; the value is serialised
 * later) · `blocks` (a list, or a text that renders to the JSON of one) · `template` (name of a file of `templates/`; its rendered text
 * takes the place of the field named by `into` in the schema's meta) · `phone` (brought into the form `+` and
 * digits; what is no phone number is refused).
 */
export type FieldFormat =
  | 'text'
  | 'slack'
  | 'html'
  | 'markdown'
  | 'header'
  | 'path'
  | 'query'
  | 'json'
  | 'any'
  | 'blocks'
  | 'template'
  | 'phone';

export interface SendRequest<Options = unknown> {
  operation: string;
  /** Rendered and checked against the operation's schema. */
  input: JsonObject;
  options: Options;
  /** Name of the destination, for messages to people. */
  destination: string;
  http: HttpClient;
  mail: MailClient;
  /** Same on every attempt of one delivery. */
  idempotencyKey: string;
  /** Aborted at the total deadline and when the process stops. */
  signal: AbortSignal;
  timeoutMs: number;
  /** What the last attempt left behind (`AttemptOutcome.progress`), or null. */
  progress: Json;
  /** An earlier attempt was sent and had no answer, so look before you make a second record. */
  mayHaveArrived: boolean;
  /** A person let it go after it was held, so what {@link mayHaveArrived} leaves open was their decision. */
  isReleased: boolean;
  /** What earlier deliveries of this destination, for contacts of the same client, left as `AttemptOutcome.links`. */
  links: LinkReader;
  /** The call it belongs to. */
  call: SentCall;
  /** Time of this attempt, milliseconds since the epoch. */
  now: number;
  /** The event as it came in, for what is forwarded unchanged. */
  event: { id: string; status: EventStatus; raw: Uint8Array; contentType: string | null };
  /** Writes a line for a person to standard output; only the `log` kind has use for it. */
  print(line: string): void;
  /** The other kinds, so that `log` can stand in for one of them. */
  kinds: ReadonlyMap<string, Adapter>;
}

/** Answers null where nothing is kept under the key. */
export interface LinkReader {
  find(key: string): Promise<Json>;
}

export interface SentCall {
  /** Name of the source. */
  source: string;
  /** Id of the call at the vendor; null for the vendor's sample. */
  id: string | null;
  /** Phone number of the contact, or null. */
  contact: string | null;
  /** `<rule>.<action>`: what is done for this call. */
  action: string;
}

/** Names one action of one call among the links of a destination, e.g. `call autocalls 12345 hot-lead.crm`. */
export function callLink({ source, id, action }: SentCall): string {
  return `call ${source} ${id ?? '-'} ${action}`;
}

/** `if_unknown` of a delivery: the action's word, else the operation's, else `hold` for what reaches a contact. */
export function ifUnknownOf(
  action: { ifUnknown?: IfUnknown | null },
  { ifUnknown, audience }: Operation,
): IfUnknown {
  return action.ifUnknown ?? ifUnknown ?? (audience === 'contact' ? 'hold' : 'retry');
}

/** What later actions may use of an action with this content. */
export function receiptFieldsOf(operation: Operation, content: JsonObject): string[] {
  return [...Object.keys(operation.receipt?.shape ?? {}), ...(operation.receiptFields?.(content) ?? [])];
}

/** Marks an option as secret: its value never shows in logs, errors, the API or the console. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), secret: true });
}

/** Says how template output is escaped in this field. Fields without a format are `text`. */
export function fieldFormat<T extends z.ZodType>(format: FieldFormat, schema: T): T {
  return schema.meta({ ...schema.meta(), fieldFormat: format });
}

/**
 * An optional input that must not vanish because a variable is missing, since leaving it out means
 * something else: without a `body`, `http` forwards the whole event.
 */
export function holdWhenMissing<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), holdWhenMissing: true });
}

/** Keeps the option types of an adapter while it is declared. */
export function defineAdapter<Options extends z.ZodObject>(adapter: Adapter<Options>): Adapter<Options> {
  return adapter;
}
