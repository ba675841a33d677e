/** Any JSON value. Objects may have been parsed from hostile input: read own properties only. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads one own property; inherited ones (`constructor`, `__proto__`) do not exist. */
export function ownProperty(value: unknown, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as JsonObject)[key];
}

/** Follows a dotted path through own properties and array indices; `undefined` where it ends early. */
export function readPath(value: unknown, path: string): Json | undefined {
  let current: unknown = value;
  for (const key of path.split('.')) {
    current = ownProperty(current, key);
    if (current === undefined) return undefined;
  }
  return current as Json;
}

/**
 * JSON with sorted keys and no spacing: two values that differ only in key order print alike. Every accepted
 * event is printed by this and hashed: pieces joined once are a third cheaper there than a text grown piece
 * by piece, which the hash would have to flatten.
 */
export function canonicalJson(value: Json): string {
  const pieces: string[] = [];
  print(value, pieces);
  return pieces.join('');
}

function print(value: Json, pieces: string[]): void {
  if (typeof value === 'string') pieces.push(quote(value));
  else if (Array.isArray(value)) printList(value, pieces);
  else if (typeof value === 'object' && value !== null) printObject(value, pieces);
  else pieces.push(typeof value === 'number' && !Number.isFinite(value) ? 'null' : String(value));
}

function printList(list: Json[], pieces: string[]): void {
  pieces.push('[');
  for (let i = 0; i < list.length; i++) {
    if (i > 0) pieces.push(',');
    print(list[i] ?? null, pieces);
  }
  pieces.push(']');
}

function printObject(object: JsonObject, pieces: string[]): void {
  let before = '{';
  for (const key of Object.keys(object).sort()) {
    pieces.push(before, quote(key), ':');
    print(object[key] ?? null, pieces);
    before = ',';
  }
  pieces.push(before === '{' ? '{}' : '}');
}

const NEEDS_ESCAPING = /["\\\u0000-\u001f\ud800-\udfff]/;

/** As `JSON.stringify` does, which takes several times longer for the short plain texts that keys mostly are. */
function quote(text: string): string {
  return NEEDS_ESCAPING.test(text) ? JSON.stringify(text) : `"${text}"`;
}
