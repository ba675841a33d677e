import { join, resolve } from 'node:path';
import { isJsonObject, type Json } from '../lib/json.js';
import { type ConfigFile, fileOfObject, type FileProblem } from './config-file.js';
import { displayName, listConfigFolder } from './config-folder.js';
import { type Path } from './path.js';
import { readText } from './read-text.js';
import { readYaml } from './yaml/read-yaml.js';

/** A configuration as written, before anything is checked. */
export interface LoadedConfig {
  /** Absolute folder; null when given as an object. */
  dir: string | null;
  main: ConfigFile;
  rules: ConfigFile[];
  /** Texts by file name. */
  templates: Record<string, string>;
  /** Template files by name, for problems in them. */
  templateFiles: ReadonlyMap<string, ConfigFile>;
}

const NOWHERE = { line: 1, column: 1 };

/** Reads every file of a configuration folder. What cannot be read is a problem of that file. */
export function loadFolder(dir: string): LoadedConfig {
  const folder = listConfigFolder(dir);
  const main = loadYaml(dir, 'aftercall.yaml');
  if (main.content === undefined && folder.rules.length === 0 && readMissing(main))
    main.problems = [
      problem(
        'is missing; run "aftercall init" to write a first configuration, or name its folder with --config',
      ),
    ];
  for (const { name, expected } of folder.misnamed)
    main.problems.push({
      ...problem(`${displayName(dir, name)} is not read; name it ${displayName(dir, expected)}`),
      severity: 'warning',
    });
  const rules = folder.rules.map((name) => loadYaml(dir, name));
  const templateFiles = folder.templates.map((name) => loadTemplate(dir, name));
  return {
    dir: resolve(dir),
    main,
    rules,
    templates: Object.fromEntries(
      templateFiles.map(({ name, content }) => [baseName(name), typeof content === 'string' ? content : '']),
    ),
    templateFiles: new Map(templateFiles.map((file) => [baseName(file.name), file])),
  };
}

/** The same for a configuration given as an object: the keys of `aftercall.yaml`, `rules` and `templates`. */
export function loadObject(object: object): LoadedConfig {
  const problems: FileProblem[] = [];
  const content = toJson(object, [], problems);
  const { rules, templates, ...main } = isJsonObject(content) ? content : {};
  const texts = isJsonObject(templates) ? Object.entries(templates) : [];
  const files = texts.map(([name, text]) => fileOfObject(`templates/${name}`, text));
  const ruleFiles = rules === undefined ? [] : [fileOfObject('config', { schema: 1, rules })];
  return {
    dir: null,
    main: fileOfObject('config', { schema: 1, ...main }, problems),
    rules: ruleFiles,
    templates: Object.fromEntries(texts.map(([name, text]) => [name, typeof text === 'string' ? text : ''])),
    templateFiles: new Map(files.map((file) => [baseName(file.name), file])),
  };
}

function loadYaml(dir: string, name: string): ConfigFile {
  const display = displayName(dir, name);
  const found = readText(join(dir, name));
  return 'problem' in found
    ? unreadable(display, name, found.problem)
    : { display, name, ...readYaml(found.text) };
}

function loadTemplate(dir: string, name: string): ConfigFile {
  const display = displayName(dir, name);
  const found = readText(join(dir, name));
  if ('problem' in found) return unreadable(display, name, found.problem);
  return { display, name, content: found.text, problems: [], spoiled: [], locate: () => NOWHERE };
}

function unreadable(display: string, name: string, words: string): ConfigFile {
  return {
    display,
    name,
    content: undefined,
    problems: [problem(words)],
    spoiled: [],
    locate: () => NOWHERE,
  };
}

function readMissing(file: ConfigFile): boolean {
  return file.problems.some(({ message }) => message === 'is missing');
}

function problem(message: string): FileProblem {
  return { severity: 'error', path: [], message, ...NOWHERE };
}

function baseName(name: string): string {
  return name.split('/').at(-1) ?? name;
}

/** A copy that holds nothing but JSON; undefined properties are left out, anything else is a problem. */
function toJson(value: unknown, path: Path, problems: FileProblem[]): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const isPlain =
    typeof value === 'object' && path.length < 64 && !(value instanceof Date) && !(value instanceof Map);
  if (!isPlain) {
    problems.push({
      ...problem(`expected JSON, got ${Object.prototype.toString.call(value).slice(8, -1)}`),
      path,
    });
    return null;
  }
  if (Array.isArray(value)) return value.map((item, i) => toJson(item, [...path, i], problems));
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, toJson(inner, [...path, key], problems)]));
}
