import { LosslessNumber, parse, stringify } from 'lossless-json';
import { CliError, EXIT } from './exit-codes.js';

/** Changes laid over a sample call: values by dotted path, and paths to take out. */
export interface CallChanges {
  set?: Readonly<Record<string, unknown>>;
  unset?: readonly string[];
}

type Container = Record<string, unknown> | unknown[];

/**
 * The text of a call with some values set and others taken out. Works on the JSON text without reading
 * numbers, so that ids keep every digit.
 * @throws {CliError} when the text is no JSON object or a path leads through a text, a number or a list.
 */
export function editCall(text: string, { set = {}, unset = [] }: CallChanges): string {
  const call = parseCall(text);
  for (const [path, value] of Object.entries(set)) setAt(call, path, value);
  for (const path of unset) unsetAt(call, path);
  return stringify(call, undefined, 2) ?? '';
}

/** Whether the call's text has an id, and thus is no sample of the vendor's test button. */
export function hasId(text: string): boolean {
  const { id } = parseCall(text) as { id?: unknown };
  return id !== undefined && id !== null;
}

/** The value of `--set path=value`: JSON where it is JSON, else the text itself. */
export function parseValue(written: string): unknown {
  try {
    return parse(written);
  } catch {
    return written;
  }
}

function parseCall(text: string): Container {
  const call = parseValue(text);
  if (isContainer(call) && !Array.isArray(call)) return call;
  throw new CliError(EXIT.usage, 'the call is not a JSON object, so nothing can be set in it');
}

function setAt(call: Container, path: string, value: unknown): void {
  const keys = keysOf(path);
  const last = keys.pop() ?? '';
  let current = call;
  keys.forEach((key, depth) => {
    const next = readOwn(current, key);
    const child = isEmptyPlace(next) ? {} : next;
    if (!isContainer(child)) throw leadsNowhere(path, keys.slice(0, depth + 1), child);
    write(current, key, child, path);
    current = child;
  });
  write(current, last, value, path);
}

function unsetAt(call: Container, path: string): void {
  const keys = keysOf(path);
  const last = keys.pop() ?? '';
  let current: unknown = call;
  for (const key of keys) current = readOwn(current, key);
  if (Array.isArray(current)) current.splice(/^\d+$/.test(last) ? Number(last) : current.length, 1);
  else if (isContainer(current)) delete (current as Record<string, unknown>)[last];
}

function keysOf(path: string): string[] {
  const keys = path.split('.');
  if (keys.some((key) => key === '' || key === '__proto__'))
    throw new CliError(
      EXIT.usage,
      `${path} is not a path; expected words with dots, such as lead.variables.city`,
    );
  return keys;
}

/** The vendor sends `[]` or null where an object has nothing in it: such a place may be filled. */
function isEmptyPlace(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null && !(value instanceof LosslessNumber);
}

function readOwn(container: unknown, key: string): unknown {
  if (!isContainer(container) || !Object.hasOwn(container, key)) return undefined;
  return (container as Record<string, unknown>)[key];
}

function write(container: Container, key: string, value: unknown, path: string): void {
  if (Array.isArray(container)) {
    if (!/^\d{1,4}$/.test(key) || Number(key) > container.length)
      throw new CliError(EXIT.usage, `${path}: ${key} is no place in a list of ${container.length}`);
    container[Number(key)] = value;
  } else container[key] = value;
}

function leadsNowhere(path: string, keys: readonly string[], found: unknown): CliError {
  const type = found instanceof LosslessNumber ? 'number' : typeof found;
  return new CliError(EXIT.usage, `${path} cannot be set: ${keys.join('.')} is a ${type}, not an object`);
}
