import { type IncomingMessage } from 'node:http';
import { type BodyLimits, readBody } from '../intake/read-body.js';
import { isJsonObject, type JsonObject } from '../lib/json.js';
import { readJson } from '../lib/read-json.js';
import { DeskError } from '../replay/desk-error.js';
import { isBearer } from './bearer.js';
import { tooLarge, TOO_SLOW } from './refusal.js';

/** 1 MiB, for the longest input that a person lays over a held delivery; 8 MiB; half a minute. */
const LIMITS: BodyLimits = { maxBytes: 2 ** 20, maxReadBytes: 2 ** 23, deadlineMs: 30_000 };

/** 16 MiB, for a rule set of ten thousand rules. */
const RULE_SET_LIMITS: BodyLimits = { maxBytes: 2 ** 24, maxReadBytes: 2 ** 25, deadlineMs: 30_000 };

/** Bodies that may hold a rule set. */
const RULES = 'rules';

/** What stands behind `api/v1/` in addresses that take a body. */
const ROOMS = ['events', 'deliveries', 'destinations', 'followups', 'contacts', RULES];

/** What was read of a request, or why it is refused. */
const bodies = new WeakMap<IncomingMessage, JsonObject | Error>();

type ApiRequest = IncomingMessage & { originalUrl?: string };

/** The room that a request with a body is for, however its letters are written; null: none of ours. `base` is without slashes. */
function roomOf(request: ApiRequest, bases: readonly string[]): string | null {
  if (request.method !== 'POST') return null;
  const [path = ''] = (request.originalUrl ?? request.url ?? '').toLowerCase().split('?', 1);
  const isIn = (room: string) =>
    bases.some((base) =>
      path.startsWith(`/${[base.toLowerCase(), 'api/v1', room].filter(Boolean).join('/')}/`),
    );
  return ROOMS.find(isIn) ?? null;
}

/**
 * Reads the body of a request for the admin API before any framework does, so that its rules are the same on
 * either platform, whatever the host's parsers say: any content type, nothing counts as `{}`, at most 1 MiB (16 MiB where
 * a rule set is sent), no `__proto__`. Without the right token nothing is read; the guard refuses such a request later.
 */
export async function readApiBody(
  request: ApiRequest,
  bases: readonly string[],
  adminToken: () => string,
): Promise<void> {
  const room = roomOf(request, bases);
  if (room === null) return;
  const body = isBearer(request.headers.authorization, adminToken()) ? await read(request, room) : {};
  bodies.set(request, body);
  // A request that announces no body is read by no parser.
  for (const name of ['content-type', 'content-length', 'transfer-encoding', 'content-encoding'])
    delete request.headers[name];
}

/**
 * The body of a request as it was read before.
 * @throws {DeskError} or a refusal for what could not be taken.
 */
export function bodyOf(request: IncomingMessage): JsonObject {
  const body = bodies.get(request);
  if (body === undefined)
    throw new Error('the body was not read: call AftercallModule.attach(app) before listen');
  if (body instanceof Error) throw body;
  return body;
}

async function read(request: IncomingMessage, room: string): Promise<JsonObject | Error> {
  const limits = room === RULES ? RULE_SET_LIMITS : LIMITS;
  const reading = await readBody(request, limits);
  if (reading.ok) return parse(reading.bytes, room);
  if (reading.why === 'too_large') return tooLarge(limits.maxBytes);
  if (reading.why === 'too_slow') return TOO_SLOW;
  return new DeskError('bad_request', 'body: could not be read');
}

function parse(bytes: Buffer, room: string): JsonObject | Error {
  if (bytes.length === 0) return {};
  const reading = room === RULES ? readRules(bytes) : readJson(bytes);
  if (!reading.ok) return new DeskError('bad_request', `body: ${reading.problem}`);
  if (!isJsonObject(reading.value)) return new DeskError('bad_request', 'body: expected a JSON object');
  return reading.value;
}

/** A large rule set has more keys than any other body may have. Whoever sends one has the admin token. */
function readRules(bytes: Buffer): { ok: true; value: unknown } | { ok: false; problem: string } {
  try {
    return { ok: true, value: JSON.parse(bytes.toString()) };
  } catch {
    return { ok: false, problem: 'not valid JSON' };
  }
}
