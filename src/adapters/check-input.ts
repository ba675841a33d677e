import { asPhone } from '../domain/contact.js';
import { nearest } from '../lib/nearest.js';
import { type Json, type JsonObject } from '../lib/json.js';
import { TemplateError } from '../templates/template-error.js';
import { type Template, type Templates } from '../templates/templates.js';
import { type Operation } from './adapter.js';
import {
  asScalar,
  describeInput,
  escapeOf,
  type InputField,
  plainField,
  readJsonText,
} from './input-field.js';
import { type InputProblem, pathText, problemsOf, valueAt } from './input-problem.js';

type Path = (string | number)[];

const NO_PHONE = 'is no phone number with its country code; expected one such as "+43 664 1234567"';

/**
 * Finds what is wrong with an action's `with` before any call comes in: unknown and missing inputs, static
 * values of a wrong type, templates that cannot be read, unknown filters, tables and files. Texts that hold
 * template output are not checked by type: what they come to is known only when they are rendered.
 */
export function checkInput(operation: Operation, content: JsonObject, templates: Templates): InputProblem[] {
  const root = describeInput(operation.input);
  const check = new InputCheck(templates);
  const probe = check.read(content, root);
  for (const { path, problem } of operation.check?.(content) ?? [])
    check.problems.push({ path, message: problem });
  const parsed = operation.input.safeParse(probe);
  if (parsed.success) return check.problems;
  const issues = parsed.error.issues.filter(
    (issue) => issue.code === 'unrecognized_keys' || !check.isOpen(issue.path, probe),
  );
  return [...check.problems, ...issues.flatMap((issue) => problemsOf(issue, probe, root))];
}

/** Reads static values as they will be sent, and remembers where only rendering can tell. */
class InputCheck {
  readonly problems: InputProblem[] = [];
  readonly #open: Path[] = [];

  constructor(private readonly templates: Templates) {}

  read(content: JsonObject, root: InputField): JsonObject {
    const entries = Object.entries(content).map(([key, value]): [string, Json] => {
      const field = root.properties.get(key) ?? plainField;
      if (field.format !== 'template' || field.into === null || typeof value !== 'string')
        return [key, this.#read(value, field, [key])];
      return [field.into, this.#readFile(value, field.into, root, content, key)];
    });
    return Object.fromEntries(entries);
  }

  /** True where a problem cannot be one of static values: a template stands at, above or below the path. */
  isOpen(path: readonly PropertyKey[], probe: JsonObject): boolean {
    if (path.length === 0) return false;
    const isMissing = valueAt(probe, path) === undefined;
    return this.#open.some((open) => startsWith(path, open) || (!isMissing && startsWith(open, path)));
  }

  #read(value: Json, field: InputField, path: Path): Json {
    if (typeof value === 'string') return this.#readText(value, field, path);
    if (Array.isArray(value))
      return value.map((item, i) => this.#read(item, field.items ?? plainField, [...path, i]));
    if (typeof value !== 'object' || value === null) return value;
    const fieldOf = (key: string) => field.properties.get(key) ?? field.otherProperties ?? plainField;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#read(item, fieldOf(key), [...path, key])]),
    );
  }

  #readText(text: string, field: InputField, path: Path): Json {
    const template = this.#parse(path, '', () => this.templates.parse(text, escapeOf(field.format)));
    if (!template?.isStatic) return this.#leaveOpen(text, path);
    const rendered = template.render({}, 'hold').text;
    if (field.scalar !== null) return asScalar(rendered, field.scalar);
    if (field.format === 'phone') return this.#readPhone(rendered, path);
    if (field.format !== 'blocks' && field.format !== 'json') return rendered;
    const read = readJsonText(rendered, field.format);
    if (read.ok) return read.value;
    this.problems.push({ path: pathText(path), message: read.problem });
    return this.#leaveOpen(text, path);
  }

  #readPhone(text: string, path: Path): Json {
    const phone = asPhone(text, null);
    if (phone !== null) return phone;
    this.problems.push({ path: pathText(path), message: NO_PHONE });
    return this.#leaveOpen(text, path);
  }

  #readFile(name: string, into: string, root: InputField, content: JsonObject, key: string): Json {
    const { format } = root.properties.get(into) ?? plainField;
    if (Object.hasOwn(content, into))
      this.problems.push({ path: key, message: `cannot be given together with ${into}` });
    const template = this.#parse([key], `templates/${name}, `, () =>
      this.templates.file(name, escapeOf(format)),
    );
    if (template === undefined) this.problems.push({ path: key, message: this.#unknownFile(name) });
    return this.#leaveOpen(name, [into]);
  }

  /** Null when the template cannot be read. */
  #parse(path: Path, where: string, parse: () => Template | undefined): Template | null | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const { line, column, message } = error;
      this.problems.push({
        path: pathText(path),
        message: `${where}line ${line}, column ${column}: ${message}`,
      });
      return null;
    }
  }

  #unknownFile(name: string): string {
    if (name.includes('{{')) return 'is a template; expected the plain name of a file in templates/';
    const names = this.templates.fileNames.map((file) => file.replace(/\.liquid$/, ''));
    const near = nearest(name.replace(/\.liquid$/, ''), names);
    const hint = near === null ? '' : `; did you mean ${near}?`;
    return `is the name of no file in templates/${hint}`;
  }

  #leaveOpen(value: Json, path: Path): Json {
    this.#open.push(path);
    return value;
  }
}

function startsWith(path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean {
  return start.length <= path.length && start.every((key, i) => key === path[i]);
}
