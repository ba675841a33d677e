import { type Json } from '../lib/json.js';

/** A text, a number or a boolean as text; anything else is no text and comes to an empty one. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
