import { type JsonObject } from '../lib/json.js';
import { isChosenByUs } from './chosen-by-us.js';

/** What a message says that may be the second one, where the platform cannot tell it from the first. */
export const SENT_AGAIN = 'Sent again: nobody knows whether it arrived before.';

/** What is said on the phone must not choose who reads it: the field is fixed, or the row of a table. */
export function checkReaders(content: JsonObject, field: string): { path: string; problem: string }[] {
  const value = content[field];
  if (typeof value !== 'string' || isChosenByUs(value)) return [];
  const problem = `comes from the call; expected a fixed ${field}, or a row of a table: "{{ assistant_phone | lookup: '${field}_of' }}"`;
  return [{ path: field, problem }];
}

/** Without what some servers refuse a whole message for: NUL and halves of characters. */
export function cleanText(text: unknown): string {
  return typeof text === 'string' ? text.replace(/\u0000|\p{Surrogate}/gu, '\ufffd').trim() : '';
}
