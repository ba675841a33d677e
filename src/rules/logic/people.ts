import { isMissing, numberOf, toText } from './coerce.js';
import { frame } from './frame.js';

const TRUE_WORDS: ReadonlySet<unknown> = new Set([true, 'true', 'yes', 1, '1']);
const FALSE_WORDS: ReadonlySet<unknown> = new Set([false, 'false', 'no', 0, '0']);

/** Rules ask for the same few fields of a call again and again; folding anew each time was half of the work. */
const MAX_REMEMBERED = 200;
const MAX_REMEMBERED_LENGTH = 2_000;
const remembered = new Map<string, string>();

/** Text as people compare it: without regard to case and surrounding space. */
export function fold(text: string): string {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const folded = text.trim().toLowerCase();
  if (text.length > MAX_REMEMBERED_LENGTH) return folded;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(text, folded);
  return folded;
}

/** Missing, or text that says nothing. */
export function isAbsent(value: unknown): boolean {
  return isMissing(value) || (typeof value === 'string' && value.trim() === '');
}

/**
 * Whether two values mean the same, since they come from a language model: text by {@link fold}; `true` meets
 * "true", "yes" and 1, `false` their opposites; numbers as numbers. Two texts are compared as text, so phone
 * numbers, postcodes and long ids keep every digit. Nothing is the same as a missing value, list or object.
 */
export function meansSame(a: unknown, b: unknown): boolean {
  if (isAbsent(a) || isAbsent(b)) return false;
  if (typeof a === 'string' && typeof b === 'string') return a === b || fold(a) === fold(b);
  if (typeof a === 'boolean') return meansBoolean(b, a);
  if (typeof b === 'boolean') return meansBoolean(a, b);
  if (typeof a !== 'number' && typeof b !== 'number') return false;
  const left = numberOf(a);
  return left !== undefined && left === numberOf(b);
}

function meansBoolean(value: unknown, wanted: boolean): boolean {
  return (wanted ? TRUE_WORDS : FALSE_WORDS).has(typeof value === 'string' ? fold(value) : value);
}

/** Whether a value means the same as the other, or as one of them where the other is a list. */
export function meansAnyOf(value: unknown, alternatives: unknown): boolean {
  if (!Array.isArray(alternatives)) return meansSame(value, alternatives);
  frame.spend(alternatives.length);
  return alternatives.some((alternative) => meansSame(value, alternative));
}

/**
 * A test that gives what `meansAnyOf` gives for alternatives that are written out. Texts, the ordinary case,
 * are looked up: many alternatives cost no more than one.
 */
export function sameTester(alternatives: readonly unknown[]): (value: unknown) => boolean {
  const texts = alternatives.filter((one) => typeof one === 'string').map(fold);
  const folded = new Set(texts.filter((text) => text !== ''));
  const others = alternatives.filter((one) => typeof one !== 'string');
  if (others.length === 0 && folded.size === 1) return sameTextTester([...folded][0] as string, alternatives);
  return (value) => {
    if (typeof value !== 'string') return alternatives.some((one) => meansSame(value, one));
    return folded.has(fold(value)) || (others.length > 0 && others.some((one) => meansSame(value, one)));
  };
}

function sameTextTester(text: string, alternatives: readonly unknown[]): (value: unknown) => boolean {
  return (value) => {
    if (typeof value === 'string') return value === text || fold(value) === text;
    return alternatives.some((one) => meansSame(value, one));
  };
}

type TextTest = (text: string, part: string) => boolean;

/** Tests texts for one of several parts, which are made ready beforehand where they are written out. */
export function textTester(
  test: TextTest,
  written: readonly unknown[] | null,
): (value: unknown, parts: unknown) => boolean {
  const ready = written && foldedParts(written);
  return (value, parts) => {
    if (isMissing(value) || typeof value === 'object') return false;
    const text = fold(toText(value));
    if (text === '') return false;
    for (const part of ready ?? foldedParts(listOf(parts))) if (test(text, part)) return true;
    return false;
  };
}

function foldedParts(parts: readonly unknown[]): string[] {
  frame.spend(parts.length);
  return parts
    .filter((part) => !isAbsent(part) && typeof part !== 'object')
    .map((part) => fold(toText(part)));
}

/** Whether a list has an item that means the same as one of the parts. */
export function containsItem(items: readonly unknown[], parts: unknown): boolean {
  const wanted = listOf(parts);
  frame.spend(items.length * wanted.length);
  return wanted.some((part) => items.some((item) => meansSame(item, part)));
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value];
}
