import { frame } from './frame.js';
import { UNDECIDED } from './undecided.js';

const LOOKS_LIKE_NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
const DIGITS = /^\s*[+-]?\d+\s*$/;

/** Digits that a double holds for sure; longer ids are compared as whole numbers without rounding. */
const SAFE_DIGITS = 15;

/** The number that a number or a text that looks like one stands for; anything else is `undefined`. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  return typeof value === 'string' && LOOKS_LIKE_NUMBER.test(value) ? Number(value) : undefined;
}

export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

type Primitive = string | number | boolean | null | undefined | bigint | symbol;

/**
 * What JavaScript makes of a value before it compares or joins it. Done by hand because data may carry own
 * keys named `toString` or `valueOf`, on which JavaScript throws, and because long lists must be counted.
 */
export function toPrimitive(value: unknown): Primitive {
  if (Array.isArray(value)) return joined(value, ',');
  if (typeof value === 'object' && value !== null) return '[object Object]';
  return value as Primitive;
}

/** The list's items as one text, the way `Array.prototype.join` writes them: null is empty. */
export function joined(items: readonly unknown[], separator: string): string {
  let length = 0;
  const parts = items.map((item) => {
    frame.spend(1);
    const part = isMissing(item) ? '' : toText(item);
    length += part.length + separator.length;
    return part;
  });
  frame.produce(length);
  return parts.join(separator);
}

export function toText(value: unknown): string {
  return typeof value === 'string' ? value : String(toPrimitive(value));
}

/** JavaScript's `==`. */
export function looselyEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isMissing(a) || isMissing(b)) return isMissing(a) && isMissing(b);
  const bothObjects = typeof a === 'object' && typeof b === 'object';
  if (typeof a === typeof b || bothObjects) return false;
  const left = toPrimitive(a);
  const right = toPrimitive(b);
  return typeof left === typeof right ? left === right : Number(left) === Number(right);
}

/**
 * Which of two values comes first: negative, 0 or positive; NaN where JavaScript calls all comparisons false.
 * Undecided when one is missing, or when a number meets something that is not one.
 */
export function orderOf(a: unknown, b: unknown): number | typeof UNDECIDED {
  if (typeof a === 'number' && typeof b === 'number') return orderOfNumbers(a, b);
  if (isMissing(a) || isMissing(b)) return UNDECIDED;
  if (typeof a === 'string' && typeof b === 'string') return orderOfTexts(a, b);
  if (typeof a === 'number' || typeof b === 'number') {
    const left = numberOf(a);
    const right = numberOf(b);
    return left === undefined || right === undefined ? UNDECIDED : sign(left, right);
  }
  const left = toPrimitive(a);
  const right = toPrimitive(b);
  if (typeof left === 'string' && typeof right === 'string') return sign(left, right);
  return sign(Number(left), Number(right));
}

/** What 0 / 0 gives is a number to JavaScript only. */
function orderOfNumbers(a: number, b: number): number | typeof UNDECIDED {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : UNDECIDED;
}

function orderOfTexts(a: string, b: string): number {
  const left = numberOf(a);
  const right = numberOf(b);
  if (left === undefined || right === undefined) return sign(a, b);
  const isLong = a.length > SAFE_DIGITS || b.length > SAFE_DIGITS;
  return isLong && DIGITS.test(a) && DIGITS.test(b) ? orderOfDigits(a.trim(), b.trim()) : sign(left, right);
}

/** Whole numbers of any length, digit by digit: neither rounded nor, as a hostile `BigInt` would be, slow. */
function orderOfDigits(a: string, b: string): number {
  const [left, right] = [digitsOf(a), digitsOf(b)];
  if (left.isNegative !== right.isNegative) return left.isNegative ? -1 : 1;
  const byLength = sign(left.digits.length, right.digits.length);
  const order = byLength === 0 ? sign(left.digits, right.digits) : byLength;
  return left.isNegative ? -order : order;
}

function digitsOf(text: string): { digits: string; isNegative: boolean } {
  const digits = text.replace(/^[+-]?0*/, '');
  return { digits, isNegative: text.startsWith('-') && digits !== '' };
}

function sign<T extends number | string>(a: T, b: T): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : NaN;
}
