import { type IncomingMessage } from 'node:http';
import { type BodyLimits, readBody } from '../intake/read-body.js';
import { isJsonObject, type JsonObject } from '../lib/json.js';
import { readJson } from '../lib/read-json.js';
import { DeskError } from '../replay/desk-error.js';
import { isBearer } from './bearer.js';
import { TOO_LARGE, TOO_SLOW } from './refusal.js';

/** 1 MiB, for the longest input that a person lays over a held delivery; 8 MiB; half a minute. */
const LIMITS: BodyLimits = { maxBytes: 2 ** 20, maxReadBytes: 2 ** 23, deadlineMs: 30_000 };

/** What was read of a request, or why it is refused. */
const bodies = new WeakMap<IncomingMessage, JsonObject | Error>();

/** Addresses of ours that take a body, however their letters are written; `base` is without slashes. */
function takesBody(request: IncomingMessage & { originalUrl?: string }, bases: readonly string[]): boolean {
  if (request.method !== 'POST') return false;
  const [path = ''] = (request.originalUrl ?? request.url ?? '').toLowerCase().split('?', 1);
  return bases.some((base) =>
    ['events', 'deliveries', 'destinations'].some((room) =>
      path.startsWith(`/${[base.toLowerCase(), 'api/v1', room].filter(Boolean).join('/')}/`),
    ),
  );
}

/**
 * Reads the body of a request for the admin API before any framework does, so that its rules are the same on
 * either platform, whatever the host's parsers say: any content type, nothing counts as `{}`, at most 1 MiB, no
 * `__proto__`. Without the right token nothing is read; the guard refuses such a request later.
 */
export async function readApiBody(
  request: IncomingMessage & { originalUrl?: string },
  bases: readonly string[],
  adminToken: () => string,
): Promise<void> {
  if (!takesBody(request, bases)) return;
  const body = isBearer(request.headers.authorization, adminToken()) ? await read(request) : {};
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

async function read(request: IncomingMessage): Promise<JsonObject | Error> {
  const reading = await readBody(request, LIMITS);
  if (reading.ok) return parse(reading.bytes);
  if (reading.why === 'too_large') return TOO_LARGE;
  if (reading.why === 'too_slow') return TOO_SLOW;
  return new DeskError('bad_request', 'body: could not be read');
}

function parse(bytes: Buffer): JsonObject | Error {
  if (bytes.length === 0) return {};
  const reading = readJson(bytes);
  if (!reading.ok) return new DeskError('bad_request', `body: ${reading.problem}`);
  if (!isJsonObject(reading.value)) return new DeskError('bad_request', 'body: expected a JSON object');
  return reading.value;
}
