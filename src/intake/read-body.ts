import { type IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ByteCollector } from './byte-collector.js';

export interface BodyLimits {
  /** Largest body that is taken, in bytes, also after unpacking. */
  maxBytes: number;
  /** How far a larger body is read on, so that its sender gets to read the answer. */
  maxReadBytes: number;
  /** For the whole body. */
  deadlineMs: number;
}

/** 5 MiB, a call of many hours; 32 MiB; half a minute for a body that takes milliseconds. */
export const BODY_LIMITS: BodyLimits = {
  maxBytes: 5 * 2 ** 20,
  maxReadBytes: 32 * 2 ** 20,
  deadlineMs: 30_000,
};

/**
 * - `too_large`: over the limit; `wholly` says whether it was read to its end.
 * - `too_slow`: the deadline passed. - `aborted`: the sender went away; there is nobody to answer.
 * - `taken`: somebody read the body before us (a body parser of the host application).
 */
export type BodyReading =
  | { ok: true; bytes: Buffer }
  | { ok: false; why: 'too_large'; wholly: boolean }
  | { ok: false; why: 'too_slow' }
  | { ok: false; why: 'aborted' }
  | { ok: false; why: 'taken' };

/** Reads a request's body as bytes, whatever its headers promise. Never rejects. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyReading> {
  if (request.readableEnded) return Promise.resolve({ ok: false, why: 'taken' });
  if (request.destroyed) return Promise.resolve({ ok: false, why: 'aborted' });
  return new Promise((resolve) => {
    const collector = new ByteCollector(limits.maxBytes);
    const settle = (reading: BodyReading): void => {
      clearTimeout(timer);
      request.off('data', take);
      resolve(reading);
    };
    const take = (chunk: Buffer): void => {
      collector.add(chunk);
      if (collector.seen > limits.maxReadBytes) settle({ ok: false, why: 'too_large', wholly: false });
    };
    const timer = setTimeout(() => settle({ ok: false, why: 'too_slow' }), limits.deadlineMs);
    request.on('data', take);
    request.once('end', () => {
      const bytes = collector.bytes();
      settle(bytes === null ? { ok: false, why: 'too_large', wholly: true } : { ok: true, bytes });
    });
    // Without a listener a torn connection would end the process; the first settlement counts.
    request.on('error', () => settle({ ok: false, why: 'aborted' }));
    request.once('close', () => settle({ ok: false, why: 'aborted' }));
  });
}

/** Throws away the body of a request that was answered without it, and cuts it off at the same limits. */
export function discardBody(request: IncomingMessage, limits: BodyLimits): void {
  if (request.readableEnded || request.destroyed) return;
  let seen = 0;
  const timer = setTimeout(() => request.destroy(), limits.deadlineMs).unref();
  request.on('data', (chunk: Buffer) => {
    seen += chunk.length;
    if (seen > limits.maxReadBytes) request.destroy();
  });
  request.on('error', () => clearTimeout(timer));
  request.once('close', () => clearTimeout(timer));
  request.once('end', () => clearTimeout(timer));
}

const unpackGzip = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);

/** Content-Encoding values that mean gzip, and those that mean nothing. */
const GZIP = new Set(['gzip', 'x-gzip']);
const PLAIN = new Set(['', 'identity']);

export type Encoding = 'plain' | 'gzip' | 'unknown';

export function encodingOf(request: IncomingMessage): Encoding {
  const named = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (PLAIN.has(named)) return 'plain';
  return GZIP.has(named) ? 'gzip' : 'unknown';
}

/** Unpacks at most `maxBytes`; null beyond that. What is not gzip at all comes back as it is, to be quarantined. */
export async function unpack(bytes: Buffer, maxBytes: number): Promise<Buffer | null> {
  try {
    return await unpackGzip(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? null : bytes;
  }
}
