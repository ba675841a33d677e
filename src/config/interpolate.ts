import { isJsonObject, type Json } from '../lib/json.js';
import { type Path, pathKey } from './path.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Text of a file, or why it cannot be read, in words that fit after its name. */
export type ReadSecretFile = (path: string) => { text: string } | { problem: string };

export interface Interpolation {
  content: Json;
  /** Keys ({@link pathKey}) of the values that came from outside: never shown, and numbers may come as text. */
  interpolated: Set<string>;
  /** Every value taken from the environment or a file. */
  secrets: string[];
  /** Files named by `${file:…}`, readable or not. */
  files: string[];
  problems: { path: Path; message: string }[];
}

const PLACEHOLDER = /\$\$\{|\$\{(?!\{)([^}]*)(\}?)/g;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(:-([\s\S]*))?$/;

/**
 * Puts values in for `${NAME}`, `${NAME:-default}` (used when NAME is unset or empty) and `${file:/path}`
 * (less the file's last newline) in every text of `content`. `$${` becomes `${`; `${{` is left alone, since
 * it is a currency sign before a template. Problems name variables and files, never values.
 */
export function interpolate(content: Json, env: Environment, readSecretFile: ReadSecretFile): Interpolation {
  const result: Interpolation = {
    content: null,
    interpolated: new Set(),
    secrets: [],
    files: [],
    problems: [],
  };
  const valueOf = (inner: string, path: Path): string => {
    const { text, problem, secret, file } = look(inner, env, readSecretFile);
    if (file !== undefined) result.files.push(file);
    if (problem !== undefined) result.problems.push({ path, message: problem });
    if (secret === true) result.secrets.push(text);
    return text;
  };
  result.content = mapTexts(content, [], (text, path) => {
    if (!text.includes('${')) return text;
    return text.replace(PLACEHOLDER, (whole: string, inner: string | undefined, end: string) => {
      if (whole === '$${') return '${';
      result.interpolated.add(pathKey(path));
      if (end === '')
        result.problems.push({ path, message: 'a ${ without its closing }; write $${ for a literal ${' });
      return end === '' ? '' : valueOf(inner ?? '', path);
    });
  });
  return result;
}

/** Rule files hold no secrets: the same content with `$${` undone, and a problem for every `${NAME}`. */
export function refuseInterpolation(content: Json): Pick<Interpolation, 'content' | 'problems'> {
  const problems: Interpolation['problems'] = [];
  const unescaped = mapTexts(content, [], (text, path) =>
    text.replace(PLACEHOLDER, (whole: string) => {
      if (whole === '$${') return '${';
      const message = `${whole} is not replaced in rule files, which hold no secrets; put it into a destination of aftercall.yaml, or write $\${ for a literal \${`;
      problems.push({ path, message });
      return whole;
    }),
  );
  return { content: unescaped, problems };
}

interface Look {
  text: string;
  problem?: string;
  secret?: boolean;
  file?: string;
}

function look(inner: string, env: Environment, readSecretFile: ReadSecretFile): Look {
  if (inner.startsWith('file:')) return lookIntoFile(inner.slice('file:'.length), readSecretFile);
  const [, name, hasFallback, fallback = ''] = VARIABLE.exec(inner) ?? [];
  if (name === undefined)
    return {
      text: '',
      problem: `\${${inner}} names no variable; expected \${NAME}, \${NAME:-default} or \${file:/path}`,
    };
  const value = env[name];
  if (value !== undefined && (value !== '' || hasFallback === undefined))
    return { text: value, secret: true };
  if (hasFallback !== undefined) return { text: fallback };
  return {
    text: '',
    problem: `the environment variable ${name} is not set; set it, or give a default: \${${name}:-…}`,
  };
}

function lookIntoFile(path: string, readSecretFile: ReadSecretFile): Look {
  if (path === '') return { text: '', problem: '${file:} names no file; expected ${file:/path}' };
  const found = readSecretFile(path);
  if ('problem' in found) return { text: '', file: path, problem: `the file ${path} ${found.problem}` };
  return { text: found.text.replace(/\r?\n$/, ''), file: path, secret: true };
}

function mapTexts(value: Json, path: Path, change: (text: string, path: Path) => string): Json {
  if (typeof value === 'string') return change(value, path);
  if (Array.isArray(value)) return value.map((item, i) => mapTexts(item, [...path, i], change));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, [...path, key], change)]),
  );
}
