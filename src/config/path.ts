/** Where something stands in a file: keys and list indices from the top. */
export type Path = readonly (string | number)[];

/** `rules.hot-lead.then[0].to` */
export function pathInWords(path: Path): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`))
    .join('');
}

/** A text that equals another exactly when the paths are the same; for sets and maps. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** True when `path` is `ancestor` or lies below it. */
export function isWithin(path: Path, ancestor: Path): boolean {
  return ancestor.every((part, i) => path[i] === part);
}

/**
 * Follows a path in words (`headers.X-Team`, `blocks[0].text`) down a value; what is not there stays
 * one part at the end. Keys may hold dots themselves, so the longest key that fits is taken first.
 */
export function followWords(value: unknown, words: string): Path {
  const path: (string | number)[] = [];
  let current = value;
  let rest = words;
  while (rest !== '') {
    const step = nextStep(current, rest);
    if (step === null) return [...path, rest];
    path.push(step.part);
    current = (current as Record<string | number, unknown>)[step.part];
    rest = rest.slice(step.length).replace(/^\./, '');
  }
  return path;
}

function nextStep(value: unknown, rest: string): { part: string | number; length: number } | null {
  if (typeof value !== 'object' || value === null) return null;
  const index = Array.isArray(value) ? /^\[?(\d+)\]?/.exec(rest) : null;
  if (index && Object.hasOwn(value, Number(index[1])))
    return { part: Number(index[1]), length: index[0].length };
  const keys = Object.keys(value).filter(
    (key) => rest.startsWith(key) && /^($|[.[])/.test(rest.slice(key.length)),
  );
  const longest = keys.sort((a, b) => b.length - a.length)[0];
  return longest === undefined || longest === '' ? null : { part: longest, length: longest.length };
}
