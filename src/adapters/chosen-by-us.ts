import { type Json } from '../lib/json.js';

/**
 * One output that ends with a look-up. A default behind it is fixed text: anything else could put in what was said.
 */
const LOOK_UP =
  /^\{\{-?(?:[^'"{}]|'[^']*'|"[^"]*")*\|\s*lookup:\s*(?:'[^']*'|"[^"]*")\s*(?:\|\s*default:\s*(?:'[^']*'|"[^"]*")\s*)?-?\}\}$/;

/** Whether a field, as written, says by itself who is meant: fixed text, or what a table says. Nothing said in a call may choose it. */
export function isChosenByUs(written: Json): boolean {
  if (typeof written !== 'string') return typeof written === 'number';
  return !/\{[{%]/.test(written) || LOOK_UP.test(written.trim());
}
