import { isUtf8 } from 'node:buffer';
import { parse as parseLossless } from 'lossless-json';
import { type Json } from './json.js';

export type JsonReading =
  | {
      ok: true;
      value: Json;
      /** Names of keys that stand twice in one object (the last one wins); left out where there are none. */
      duplicateKeys?: string[];
    }
  | { ok: false; problem: string };

/** Recursive walks overflow near 5,000 levels; no call is deeper than a handful. */
const MAX_DEPTH = 64;
/** A real call has about 60 keys; more than this costs time and buys an attacker hash collisions. */
const MAX_KEYS = 10_000;
const MAX_DUPLICATES_NAMED = 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;

/**
 * Reads JSON from hostile bytes: UTF-8 (a byte order mark is tolerated), at most 64 levels deep, at most
 * 10,000 keys, no `__proto__` key however it is spelled, no number beyond double range. Integers beyond 2^53
 * come back as strings of their digits. Never throws; the problem names no value from the text.
 */
export function readJson(bytes: Uint8Array): JsonReading {
  if (!isUtf8(bytes)) return { ok: false, problem: notTextProblem(bytes) };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasByteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const shape = measure(bytes);
  if (shape.depth > MAX_DEPTH) return { ok: false, problem: `nested deeper than ${MAX_DEPTH} levels` };
  if (shape.keys > MAX_KEYS) return { ok: false, problem: `more than ${MAX_KEYS} keys` };
  const text = buffer.toString('utf8', hasByteOrderMark ? 3 : 0);
  try {
    return check(JSON.parse(text) as Json, text, shape.keys);
  } catch (error) {
    return { ok: false, problem: notJsonProblem(text, error) };
  }
}

/** Bytes, because no byte of a longer UTF-8 character equals one of these signs. */
function measure(bytes: Uint8Array): { depth: number; keys: number } {
  let depth = 0;
  let deepest = 0;
  let keys = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      for (i++; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
    } else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
      if (++depth > deepest) deepest = depth;
    } else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) depth--;
    else if (byte === COLON) keys++;
  }
  return { depth: deepest, keys };
}

interface Findings {
  keys: number;
  protoKey: boolean;
  infinite: boolean;
  unsafeInteger: boolean;
}

function check(value: Json, text: string, writtenKeys: number): JsonReading {
  const found: Findings = { keys: 0, protoKey: false, infinite: false, unsafeInteger: false };
  inspect(value, found);
  if (found.protoKey) return { ok: false, problem: 'a key named __proto__' };
  if (found.infinite) return { ok: false, problem: 'a number beyond the range of a double' };
  // Keys that were written and are not there any more stood twice.
  if (!found.unsafeInteger && found.keys === writtenKeys) return { ok: true, value };
  return readLosslessly(text);
}

/** Recursion is safe: depth was measured before. */
function inspect(value: Json, found: Findings): void {
  if (typeof value === 'number') {
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
      if (!Number.isFinite(value)) found.infinite = true;
      else found.unsafeInteger = true;
    }
  } else if (Array.isArray(value)) {
    for (const item of value) inspect(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const key in value) {
      found.keys++;
      if (key === '__proto__') found.protoKey = true;
      inspect(value[key] as Json, found);
    }
  }
}

/** Several times slower than `JSON.parse`, so only for texts that need it. */
function readLosslessly(text: string): JsonReading {
  const duplicates = new Set<string>();
  const value = parseLossless(text, null, {
    parseNumber: exactNumber,
    onDuplicateKey: ({ key, newValue }) => {
      if (duplicates.size < MAX_DUPLICATES_NAMED) duplicates.add(key);
      return newValue;
    },
  }) as Json;
  return duplicates.size > 0 ? { ok: true, value, duplicateKeys: [...duplicates] } : { ok: true, value };
}

const LARGEST_EXACT = 2n ** 53n;
/** 2^53 has 16 digits, so a shorter integer is exact. */
const INTEGER_OF_16_DIGITS = /^-?\d{16,}$/;

function exactNumber(digits: string): number | string {
  if (!INTEGER_OF_16_DIGITS.test(digits)) return Number(digits);
  const exact = BigInt(digits);
  return exact > LARGEST_EXACT || exact < -LARGEST_EXACT ? digits : Number(digits);
}

function notTextProblem(bytes: Uint8Array): string {
  const looksGzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return looksGzipped ? 'compressed data that could not be unpacked' : 'not valid UTF-8 text';
}

/** V8's own message quotes the text, which may hold personal data; only the position is kept. */
function notJsonProblem(text: string, error: unknown): string {
  if (text.trim() === '') return 'empty; expected a JSON object';
  const position = error instanceof SyntaxError ? / at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined
    ? 'not valid JSON'
    : `not valid JSON: unexpected sign at position ${position}`;
}
