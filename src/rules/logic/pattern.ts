import { RE2JS } from 're2js';
import { isMissing, toText } from './coerce.js';
import { frame } from './frame.js';
import { listOf } from './people.js';

/** Patterns longer than this are surely not written by hand; building them takes memory. */
const MAX_PATTERN_LENGTH = 1_000;

/** Why a pattern cannot be used, in words, or null. */
export function patternProblem(pattern: unknown): string | null {
  if (typeof pattern !== 'string') return 'a pattern is a text such as "^hot" or "(?i)demo"';
  if (pattern.length > MAX_PATTERN_LENGTH) return `a pattern has at most ${MAX_PATTERN_LENGTH} characters`;
  try {
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unknown';
    return `cannot be read as a pattern: ${reason}; patterns are RE2, which has no look-ahead and no back-references`;
  }
}

/**
 * Finds one of the patterns in a text. RE2 takes time linear in the text, whatever the pattern; the text's
 * length is charged to the budget.
 */
export function patternTester(patterns: unknown): (value: unknown) => boolean {
  const compiled = listOf(patterns).map((pattern) => RE2JS.compile(String(pattern)));
  return (value) => {
    if (isMissing(value) || typeof value === 'object') return false;
    const text = toText(value);
    frame.spend(text.length * compiled.length);
    return compiled.some((pattern) => pattern.test(text));
  };
}
