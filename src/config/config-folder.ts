import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Deeper than any folder of rules; stops links that lead in a circle. */
const MAX_FOLDER_DEPTH = 16;

/** The files that count in a configuration folder, as paths below it with forward slashes. */
export interface ConfigFolder {
  rules: string[];
  templates: string[];
  /** Files that look as if they were meant, with the name they should have. */
  misnamed: { name: string; expected: string }[];
  /** Every folder on the way, for watching. */
  folders: string[];
}

/**
 * Lists `rules/**\/*.yaml` and `templates/*.liquid`. What begins with a dot is left out: editors' swap files,
 * and the `..data` folders of a mounted ConfigMap, whose content shows through links anyway.
 */
export function listConfigFolder(dir: string): ConfigFolder {
  const rules = walk(join(dir, 'rules'), MAX_FOLDER_DEPTH);
  const templates = walk(join(dir, 'templates'), 1);
  const below = (paths: string[], ending: string) =>
    paths.filter((path) => path.endsWith(ending)).map((path) => nameBelow(dir, path));
  const misnamed = [...walk(dir, 1).files, ...rules.files]
    .filter((path) => path.endsWith('.yml'))
    .map((path) => ({
      name: nameBelow(dir, path),
      expected: nameBelow(dir, path).replace(/\.yml$/, '.yaml'),
    }));
  return {
    rules: below(rules.files, '.yaml').sort(),
    templates: below(templates.files, '.liquid').sort(),
    misnamed,
    folders: [dir, ...rules.folders, ...templates.folders],
  };
}

/** For problems: below the working directory where the file lies there, else below the configuration folder. */
export function displayName(dir: string, name: string, workingDir: string = process.cwd()): string {
  const fromHere = relative(workingDir, join(dir, name));
  return fromHere.startsWith('..') || fromHere.startsWith(sep) ? name : slashed(fromHere);
}

interface Walk {
  files: string[];
  folders: string[];
}

function walk(folder: string, depth: number, seen: ReadonlySet<string> = new Set()): Walk {
  const entries = entriesOf(folder);
  const real = entries && realpathSync(folder);
  if (entries === null || real === null || depth === 0 || seen.has(real)) return { files: [], folders: [] };
  const found: Walk = { files: [], folders: [folder] };
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (!isFolder(entry, path)) found.files.push(path);
    else {
      const inner = walk(path, depth - 1, new Set([...seen, real]));
      found.files.push(...inner.files);
      found.folders.push(...inner.folders);
    }
  }
  return found;
}

function entriesOf(folder: string): Dirent[] | null {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return null;
  }
}

/** A link to a folder counts as one; a link that leads nowhere stays a file and is reported when it is read. */
function isFolder(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function nameBelow(dir: string, path: string): string {
  return slashed(relative(dir, path));
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}
