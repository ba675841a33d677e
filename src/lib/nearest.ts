import { distance } from 'fastest-levenshtein';

/**
 * The known name that `word` was most likely meant to be, or null when none is near. Two slips (a swap of
 * letters counts as two) from four letters on, three from nine; case and `-` against `_` do not count. A word
 * that only one name begins with stands for that name.
 */
export function nearest(word: string, known: Iterable<string>): string | null {
  const names = [...known];
  return nearestBySlips(word, names) ?? onlyBeginning(word, names);
}

function nearestBySlips(word: string, known: readonly string[]): string | null {
  const wanted = fold(word);
  let best: string | null = null;
  let bestDistance = slipsAllowed(wanted.length) + 1;
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const found = distance(wanted, fold(name));
    if (found < bestDistance) [best, bestDistance] = [name, found];
  }
  return best;
}

function onlyBeginning(word: string, known: readonly string[]): string | null {
  const begun = word.length < 3 ? [] : known.filter((name) => fold(name).startsWith(fold(word)));
  return begun.length === 1 ? (begun[0] ?? null) : null;
}

function slipsAllowed(length: number): number {
  if (length < 4) return 1;
  return length < 9 ? 2 : 3;
}

function fold(text: string): string {
  return text.toLowerCase().replaceAll('_', '-');
}
