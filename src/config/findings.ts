import { type ConfigProblem } from './config.js';
import { type ConfigFile } from './config-file.js';
import { isWithin, type Path, pathInWords } from './path.js';

/** `file:line:col  path.in.words  what is wrong; what was expected; nearest known name` */
export function formatProblem(problem: ConfigProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const severity = problem.severity === 'warning' ? 'warning: ' : '';
  return [place, problem.path, severity + problem.message].filter((part) => part !== '').join('  ');
}

/** Gathers what is wrong in all files, so that one run reports everything. */
export class Findings {
  readonly #problems = new Map<string, ConfigProblem>();
  readonly #secrets = new Set<string>();

  /** Values that no message may show. Shorter than four characters they would tear words apart. */
  keepSecret(values: Iterable<string>): void {
    for (const value of values) if (value.length >= 4) this.#secrets.add(value);
  }

  secrets(): string[] {
    return [...this.#secrets];
  }

  /** Takes over what was found while the file was read. */
  addFile(file: ConfigFile): void {
    for (const { path, ...problem } of file.problems)
      this.#keep({ ...problem, file: file.display, path: pathInWords(path) });
  }

  error(file: ConfigFile, path: Path, message: string, at: 'key' | 'value' = 'value'): void {
    this.#add('error', file, path, message, at);
  }

  warning(file: ConfigFile, path: Path, message: string, at: 'key' | 'value' = 'value'): void {
    this.#add('warning', file, path, message, at);
  }

  hasErrors(): boolean {
    return [...this.#problems.values()].some(({ severity }) => severity === 'error');
  }

  /** By file and place, without secrets. */
  list(): ConfigProblem[] {
    const problems = [...this.#problems.values()];
    const ordered = problems.sort(
      (a, b) =>
        compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.message, b.message),
    );
    return ordered.map((problem) => ({ ...problem, message: this.#redact(problem.message) }));
  }

  #add(
    severity: 'error' | 'warning',
    file: ConfigFile,
    path: Path,
    message: string,
    at: 'key' | 'value',
  ): void {
    if (file.spoiled.some((place) => isWithin(path, place))) return;
    const position = file.locate(path, at);
    this.#keep({ severity, file: file.display, ...position, path: pathInWords(path), message });
  }

  #keep(problem: ConfigProblem): void {
    const { file, line, column, message } = problem;
    const key = JSON.stringify([file, line, column, message]);
    if (!this.#problems.has(key)) this.#problems.set(key, problem);
  }

  #redact(message: string): string {
    let text = message;
    for (const secret of this.#secrets) text = text.replaceAll(asPattern(secret), '[secret]');
    return text;
  }
}

/** A short secret may be part of an ordinary word of our own; only where it stands alone it is the secret. */
function asPattern(secret: string): string | RegExp {
  if (secret.length >= 8) return secret;
  const escaped = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, 'g');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
