import { type Json, isJsonObject } from '../../lib/json.js';
import { type Receipt } from '../exchange.js';

/** An id as text; null where it is none. */
export function idText(id: Json | undefined): string | null {
  return typeof id === 'number' || typeof id === 'string' ? String(id) : null;
}

/** The id under the first of the names that the answer has: white labels name it differently, or not at all. */
export function receiptOf(answer: Json | undefined, ...names: string[]): Receipt {
  const found = isJsonObject(answer) ? names.map((name) => idText(answer[name])) : [];
  const id = found.find((one) => one !== null);
  return id === undefined || id === null ? {} : { id };
}
