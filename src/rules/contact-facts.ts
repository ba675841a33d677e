import { parseDuration } from '../lib/duration.js';
import { type RuleSetContent } from './rule.js';

/**
 * `contact.calls_24h`, or `contact["calls_24h"]` as JSON escapes it. What stands before it does not count: a
 * line break is a backslash and a letter there.
 */
const FACT =
  /contact(?:\.(?:\s|\\[nrt])*|\[\s*\\?["'])(?:last_status|last_at|open_follow_ups|(?:calls|missed)(?:_([0-9][0-9a-z]*))?)(?![\w-])/g;

/**
 * What a rule set wants to know about a contact beyond the call: null when none of its conditions and templates
 * mentions a fact of the store, else the windows of `contact.calls_24h`, `contact.missed_7d` and the like, in
 * milliseconds by their word. A mention too many costs a question to the store, one too few leaves a rule undecided,
 * so the texts are searched and not understood.
 */
export function factWindowsOf({
  rules,
  templates,
}: Pick<RuleSetContent, 'rules' | 'templates'>): ReadonlyMap<string, number> | null {
  const mentions = [...JSON.stringify([rules, templates]).matchAll(FACT)];
  if (mentions.length === 0) return null;
  const windows = mentions.map(([, word = '']) => [word, parseDuration(word) ?? 0] as const);
  return new Map(windows.filter(([, ms]) => ms > 0));
}
