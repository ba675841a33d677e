import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isSeq,
  LineCounter,
  type ParsedNode,
  type YAMLParseError,
} from 'yaml';
import { type Json } from '../../lib/json.js';
import { type FileProblem, type Position } from '../config-file.js';
import { type Path } from '../path.js';
import { readTokens } from './read-tokens.js';
import { syntaxMessage } from './syntax-message.js';
import { type Report, YamlToJson } from './yaml-to-json.js';

/** Largest file that is read, in bytes. */
export const MAX_FILE_BYTES = 1024 * 1024;
/** After this many syntax errors the rest are echoes of the first. */
const MAX_SYNTAX_ERRORS = 20;

export interface YamlReading {
  /** `undefined` when the syntax is broken. */
  content: Json | undefined;
  problems: FileProblem[];
  /** Places whose value is a guess after a reported slip. */
  spoiled: Path[];
  locate(path: Path, at?: 'key' | 'value'): Position;
}

/**
 * Reads one YAML 1.2 document (core schema) with positions. Never throws; whatever is wrong comes back as
 * problems.
 */
export function readYaml(source: string): YamlReading {
  const lines = new LineCounter();
  try {
    return readDocument(source, lines);
  } catch (error) {
    // The parser recurses; our own bound on nesting comes first, so this is a second fence.
    if (!(error instanceof RangeError)) throw error;
    return refused(lines, 0, 'nested too deeply');
  }
}

function readDocument(source: string, lines: LineCounter): YamlReading {
  if (source.trim() === '') return refused(lines, 0, 'the file is empty; expected at least "schema: 1"');
  const { tokens, tabs, refused: refusal } = readTokens(source, lines);
  if (refusal) return refused(lines, refusal.offset, refusal.message);
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: false,
    merge: false,
    resolveKnownTags: false,
    logLevel: 'silent',
  });
  const documents = [...composer.compose(tokens, true, source.length)] as Document.Parsed[];
  const [document] = documents;
  const syntax = [...tabProblems(tabs, lines), ...syntaxProblems(documents, source, lines)];
  if (document === undefined || syntax.length > 0) return broken(lines, syntax);
  return toJson(document, lines);
}

function toJson(document: Document.Parsed, lines: LineCounter): YamlReading {
  const problems: FileProblem[] = [];
  const spoiled: Path[] = [];
  const report: Report = (finding) => {
    const { severity, path, message } = finding;
    if (finding.spoiled) spoiled.push(path);
    if (finding.once && problems.some((problem) => problem.message === message)) return;
    problems.push({ severity, path, message, ...positionAt(lines, finding.offset) });
  };
  const reader = new YamlToJson(report);
  const content = reader.read(document.contents, []);
  const locate = (path: Path, at: 'key' | 'value' = 'value') =>
    positionAt(lines, offsetOf(document.contents, path, at, reader));
  return { content, problems, spoiled, locate };
}

function tabProblems(tabs: number[], lines: LineCounter): FileProblem[] {
  return tabs
    .slice(0, MAX_SYNTAX_ERRORS)
    .map((offset) => problemAt(lines, offset, 'a tab; YAML is indented and spaced with spaces'));
}

function syntaxProblems(documents: Document.Parsed[], source: string, lines: LineCounter): FileProblem[] {
  const problems: FileProblem[] = [];
  for (const document of documents) {
    const errors = document.errors.filter(({ code }) => code !== 'TAB_AS_INDENT').slice(0, MAX_SYNTAX_ERRORS);
    problems.push(...errors.map((error) => syntaxProblem(error, source, lines)));
    if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2')
      problems.push(problemAt(lines, 0, 'files are read as YAML 1.2; take the %YAML line out'));
  }
  const second = documents[1];
  if (second)
    problems.push(
      problemAt(lines, second.range[0], 'a second document; expected one per file, so take the --- out'),
    );
  return oncePerLine(problems);
}

function syntaxProblem(error: YAMLParseError, source: string, lines: LineCounter): FileProblem {
  const { line } = positionAt(lines, error.pos[0]);
  const text = source.slice(lines.lineStarts[line - 1] ?? 0, lines.lineStarts[line] ?? source.length);
  return problemAt(lines, error.pos[0], syntaxMessage(error.code, error.message, text));
}

/** A second finding on the same line is nearly always a consequence of the first. */
function oncePerLine(problems: FileProblem[]): FileProblem[] {
  const seen = new Set<number>();
  return problems.filter(({ line }) => !seen.has(line) && seen.add(line));
}

/** Offset of what stands at a path, or of the deepest part of the path that exists. */
function offsetOf(root: ParsedNode | null, path: Path, at: 'key' | 'value', reader: YamlToJson): number {
  let node = root;
  let offset = root?.range[0] ?? 0;
  for (const part of path) {
    const found = childOf(node, part, reader);
    if (found === null) return offset;
    const { key, value } = found;
    const useKey = key !== null && (at === 'key' || value === null || value.range[0] === value.range[1]);
    offset = (useKey ? key : value)?.range[0] ?? offset;
    node = value;
  }
  return offset;
}

function childOf(
  node: ParsedNode | null,
  part: string | number,
  reader: YamlToJson,
): { key: ParsedNode | null; value: ParsedNode | null } | null {
  const target = isAlias(node) ? (reader.targetOf(node) ?? null) : node;
  if (isSeq(target) && typeof part === 'number') {
    const value = target.items[part];
    return value === undefined ? null : { key: null, value };
  }
  if (!isMap(target)) return null;
  const pair = target.items.find((item) => keyText(item.key) === String(part));
  return pair ? { key: pair.key, value: pair.value } : null;
}

function keyText(key: ParsedNode): string | null {
  if (!('value' in key)) return null;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function refused(lines: LineCounter, offset: number, message: string): YamlReading {
  return broken(lines, [problemAt(lines, offset, message)]);
}

function broken(lines: LineCounter, problems: FileProblem[]): YamlReading {
  return { content: undefined, problems, spoiled: [], locate: () => positionAt(lines, 0) };
}

function problemAt(lines: LineCounter, offset: number, message: string): FileProblem {
  return { severity: 'error', path: [], message, ...positionAt(lines, offset) };
}

function positionAt(lines: LineCounter, offset: number): Position {
  if (lines.lineStarts.length === 0) return { line: 1, column: 1 };
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
