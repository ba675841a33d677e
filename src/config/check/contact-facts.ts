import { parseDuration } from '../../lib/duration.js';
import { isJsonObject, type Json } from '../../lib/json.js';
import { nearest } from '../../lib/nearest.js';
import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { type Path } from '../path.js';

/** What is known of a contact whatever is asked; the counts also with a window. */
const FACTS = [
  ...['phone', 'phone_valid', 'country', 'calls', 'missed'],
  ...['last_status', 'last_at', 'open_follow_ups'],
];

/** Operators whose operands are paths. */
const READS = new Set(['var', 'exists', 'missing', 'missing_some']);

interface Use {
  /** Behind `contact.`. */
  fact: string;
  path: Path;
  at: 'key' | 'value';
}

/** A fact that nobody knows is missing in every call, so its rule would never fire: most likely it is misspelt. */
export function warnOfContactFacts(
  content: Json,
  path: Path,
  { file, findings }: { file: ConfigFile; findings: Findings },
): void {
  for (const { fact, path: below, at } of usesIn(content))
    if (!isKnown(fact)) findings.warning(file, [...path, ...below], unknownFact(fact), at);
}

/** The same in a template file, whose text has lines of its own. */
export function warnOfTemplateFacts(text: string, file: ConfigFile, findings: Findings): void {
  for (const fact of usesInTemplate(text)) {
    const before = text.slice(0, text.search(new RegExp(`contact\\.${fact}(?![\\w-])`))).split('\n');
    const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    if (!isKnown(fact)) findings.warning({ ...file, locate: () => place }, [], unknownFact(fact));
  }
}

function isKnown(fact: string): boolean {
  if (FACTS.includes(fact)) return true;
  const [, window] = /^(?:calls|missed)_([0-9][0-9a-z]*)$/.exec(fact) ?? [];
  return window !== undefined && (parseDuration(window) ?? 0) > 0;
}

function unknownFact(fact: string): string {
  const known = `${FACTS.join(', ')}, and calls or missed in a window, such as calls_24h or missed_7d`;
  const near = meantWindow(fact) ?? nearest(fact, FACTS);
  const hint = near === null ? '' : `; did you mean "contact.${near}"?`;
  return `no fact about a contact is called "${fact}", so it is missing in every call; known: ${known}${hint}`;
}

/** `calls_24h` for `calls_24hr`, `missed_7d` for `miss_last_7_days`; null where no window is named. */
function meantWindow(fact: string): string | null {
  const [, word, amount, unit] = /^(call|miss)[a-z_-]*?_?(\d+)[_-]?([smhdw])[a-z]*$/i.exec(fact) ?? [];
  if (word === undefined || amount === undefined || unit === undefined) return null;
  const near = `${word.toLowerCase() === 'call' ? 'calls' : 'missed'}_${amount}${unit.toLowerCase()}`;
  return isKnown(near) ? near : null;
}

/** Templates wherever they stand, and the paths of conditions, which stand below `match` and `when`. */
function usesIn(value: Json, path: Path = []): Use[] {
  if (typeof value === 'string') return usesInTemplate(value).map((fact) => ({ fact, path, at: 'value' }));
  return entriesOf(value).flatMap(([part, inner]): Use[] => {
    const below = [...path, part];
    const own = usesInTemplate(String(part)).map((fact) => ({ fact, path: below, at: 'key' as const }));
    return [...own, ...usesBelow(part, inner, below)];
  });
}

function usesBelow(part: string | number, value: Json, path: Path): Use[] {
  // What an action sends may use these words for something else.
  const isData = path.includes('with');
  if (part === 'match' && !isData) return usesInMatch(value, path);
  return part === 'when' && !isData ? usesInLogic(value, path) : usesIn(value, path);
}

function usesInMatch(match: Json, path: Path): Use[] {
  if (Array.isArray(match)) return match.flatMap((one, i) => usesInMatch(one, [...path, i]));
  return entriesOf(match).flatMap(([key]) => useOf(String(key), [...path, key], 'key'));
}

function usesInLogic(logic: Json, path: Path): Use[] {
  return entriesOf(logic).flatMap(([part, inner]) => {
    const below = [...path, part];
    return typeof part === 'string' && READS.has(part) ? pathsIn(inner, below) : usesInLogic(inner, below);
  });
}

function pathsIn(operands: Json, path: Path): Use[] {
  if (typeof operands === 'string') return useOf(operands, path, 'value');
  return entriesOf(operands).flatMap(([part, inner]) => pathsIn(inner, [...path, part]));
}

function useOf(written: string, path: Path, at: Use['at']): Use[] {
  const [, fact] = /^contact\.([^.[]+)/.exec(written) ?? [];
  return fact === undefined ? [] : [{ fact, path, at }];
}

/** A template may use the word for a variable of its own. Texts in quotes are texts. */
function usesInTemplate(text: string): string[] {
  if (!text.includes('contact.') || /\b(?:for|assign|capture|increment|tablerow)\s+contact\b/.test(text))
    return [];
  const parts = (text.match(/\{[{%][\s\S]*?[%}]\}/g) ?? []).map((part) =>
    part.replace(/'[^']*'|"[^"]*"/g, ''),
  );
  const facts = parts.flatMap((part) =>
    [...part.matchAll(/(?<![\w.-])contact\.([\w-]+)/g)].map(([, fact = '']) => fact),
  );
  return [...new Set(facts)];
}

function entriesOf(value: Json): [string | number, Json][] {
  if (Array.isArray(value)) return value.map((item, i) => [i, item]);
  return isJsonObject(value) ? Object.entries(value) : [];
}
