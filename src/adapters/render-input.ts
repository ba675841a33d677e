import { type StoredReason } from '../domain/delivery.js';
import { asPhone } from '../domain/contact.js';
import { type Json, type JsonObject, isJsonObject } from '../lib/json.js';
import { type IfMissing } from '../rules/rule.js';
import { type OnMissing } from '../templates/render-context.js';
import { TemplateError } from '../templates/template-error.js';
import { type Rendered, type RenderedValue, type Template, type Templates } from '../templates/templates.js';
import { type Operation } from './adapter.js';
import {
  asScalar,
  describeInput,
  escapeOf,
  type InputField,
  plainField,
  readJsonText,
} from './input-field.js';
import { EXPECTED } from './expected-receipt.js';
import { type InputProblem, pathText, problemsOf, valueAt } from './input-problem.js';

export interface RenderOptions {
  templates: Templates;
  /** The call as rules and templates see it; never changed. */
  data: JsonObject;
  /** `if_missing` of the action; null: what fits the operation and the field. */
  ifMissing: IfMissing | null;
  /** The vendor's sample: messages to colleagues go out marked. */
  isTest: boolean;
  /** Nothing will be sent, and what earlier actions would leave stands there as `[actions.crm.id]`. */
  isPreview?: boolean;
  /** Fields that a person gave in place of the rendered ones, as they are: no templates, no escaping. */
  replaced?: JsonObject;
}

/** `missing` lists the variables that were not there; it may be empty when `reason` is another. */
export type RenderedInput =
  { ok: true; input: JsonObject } | { ok: false; reason: StoredReason; missing: string[] };

const NO_PHONE = 'is no phone number; expected one with its country code, such as "+43 664 1234567"';

/** What a vendor's test is marked with. */
const TEST_MARK = '[TEST] ';

/**
 * Renders an action's `with` for its operation and checks the result by the operation's schema. Each string
 * is escaped for the field it goes to. Where a variable is missing, a message to colleagues shows
 * `[missing: path]`; an optional input (or a property of one) that is this single `{{ … }}` is left out;
 * anything else is not ok. `ifMissing` overrides: `hold` for every field, `mark`, `empty`, or `omit`, which
 * leaves out whatever can be left out, whole texts and list entries too.
 */
export function renderInput(
  operation: Operation,
  content: JsonObject,
  options: RenderOptions,
): RenderedInput {
  const root = describeInput(operation.input);
  const rendering = new InputRendering(operation, options);
  const { replaced = {} } = options;
  const input = { ...rendering.render(withoutReplaced(content, replaced, root), root), ...replaced };
  rendering.refuseFileNames(replaced, root);
  const missing = [...new Set(rendering.missing)];
  if (missing.length > 0) return { ok: false, reason: `missing: ${missing.join(', ')}`, missing };
  if (rendering.problems.length > 0) return refused(rendering.problems);
  if (options.isTest) markAsTest(input, operation.testMarkField);
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return { ok: true, input: parsed.data as JsonObject };
  const isOpen = (value: unknown) => options.isPreview === true && isExpected(value);
  const issues = parsed.error.issues.filter((issue) => !isOpen(valueAt(input, issue.path)));
  if (issues.length === 0) return { ok: true, input };
  return refused(issues.flatMap((issue) => problemsOf(issue, input, root)));
}

/** What only stands for a result that is still to come has no right form yet. */
function isExpected(value: unknown): boolean {
  return typeof value === 'string' && EXPECTED.test(value);
}

/** Without the fields that a person replaced, and without files whose text would go where a person put theirs. */
function withoutReplaced(content: JsonObject, replaced: JsonObject, root: InputField): JsonObject {
  const isReplaced = (key: string): boolean => {
    const into = root.properties.get(key)?.into ?? null;
    return Object.hasOwn(replaced, key) || (into !== null && Object.hasOwn(replaced, into));
  };
  return Object.fromEntries(Object.entries(content).filter(([key]) => !isReplaced(key)));
}

function refused(problems: InputProblem[]): RenderedInput {
  const words = problems.map(({ path, message }) => `${path} ${message}`.trim());
  return { ok: false, reason: `invalid_input: ${words.join('; ')}`, missing: [] };
}

function markAsTest(input: JsonObject, field: string | undefined): void {
  if (field === undefined) return;
  const text = Object.hasOwn(input, field) ? input[field] : '';
  if (typeof text === 'string') input[field] = `${TEST_MARK}${text}`.trimEnd();
}

/** Where a value stands, and so whether it can be left out. */
interface Place {
  path: (string | number)[];
  /** It or the input around it is optional. */
  isOptional: boolean;
  holdWhenMissing: boolean;
}

const isItem = ({ path }: Place): boolean => typeof path.at(-1) === 'number';
const isNested = ({ path }: Place): boolean => path.length > 1;

class InputRendering {
  readonly missing: string[] = [];
  readonly problems: InputProblem[] = [];
  readonly #templates: Templates;
  readonly #data: JsonObject;
  readonly #ifMissing: IfMissing | 'fitting';

  constructor({ audience }: Operation, { templates, data, ifMissing }: RenderOptions) {
    this.#templates = templates;
    this.#data = data;
    this.#ifMissing = ifMissing ?? (audience === 'colleagues' ? 'mark' : 'fitting');
  }

  render(content: JsonObject, root: InputField): JsonObject {
    const entries = Object.entries(content).map(([key, value]): [string, Json | undefined] => {
      const field = root.properties.get(key) ?? plainField;
      const place = { path: [key], isOptional: field.isOptional, holdWhenMissing: field.holdWhenMissing };
      if (field.format === 'template' && field.into !== null && typeof value === 'string')
        return [field.into, this.#renderFile(value, field.into, root, content, place)];
      return [key, this.#render(value, field, place)];
    });
    return withoutAbsent(entries);
  }

  /** A file is rendered, and what a person gives is not: the text itself is wanted instead. */
  refuseFileNames(replaced: JsonObject, root: InputField): void {
    for (const key of Object.keys(replaced)) {
      const into = root.properties.get(key)?.into ?? null;
      if (into !== null) this.problems.push({ path: key, message: `is a file's name; give ${into} instead` });
    }
  }

  #render(value: Json, field: InputField, place: Place): Json | undefined {
    if (typeof value === 'string') return this.#renderText(value, field, place);
    const below = (key: string | number): Place => ({
      ...place,
      holdWhenMissing: false,
      path: [...place.path, key],
    });
    if (Array.isArray(value)) {
      const items = value.map((item, i) => this.#render(item, field.items ?? plainField, below(i)));
      return items.filter((item) => item !== undefined);
    }
    if (typeof value !== 'object' || value === null) return value;
    const fieldOf = (key: string) => field.properties.get(key) ?? field.otherProperties ?? plainField;
    return withoutAbsent(
      Object.entries(value).map(([key, item]) => [key, this.#render(item, fieldOf(key), below(key))]),
    );
  }

  #renderText(text: string, field: InputField, place: Place): Json | undefined {
    return this.#guard(place, () => {
      const template = this.#templates.parse(text, escapeOf(field.format));
      const rendered = this.#fill(template, field, place);
      return rendered === undefined ? undefined : this.#read(rendered, field, place);
    });
  }

  /** The text of a file takes the place of another field, in that field's format. */
  #renderFile(
    name: string,
    into: string,
    root: InputField,
    content: JsonObject,
    place: Place,
  ): Json | undefined {
    const target = root.properties.get(into) ?? plainField;
    if (Object.hasOwn(content, into)) return this.#refuse(place, `cannot be given together with ${into}`);
    return this.#guard(place, () => {
      const template = this.#templates.file(name, escapeOf(target.format));
      if (!template) return this.#refuse(place, 'is the name of no file in templates/');
      const rendered = this.#fill(template, target, place);
      return rendered === undefined ? undefined : this.#read(rendered, target, place);
    });
  }

  /** Undefined when the value is left out, or missing and noted as such. */
  #fill(template: Template, { format }: InputField, place: Place): Json | undefined {
    const onMissing = this.#onMissing();
    const { value, missing } =
      format === 'any'
        ? template.renderValue(this.#data, onMissing)
        : asValue(template.render(this.#data, onMissing));
    if (missing.length === 0 || onMissing !== 'hold') return value;
    if (!this.#canLeaveOut(template, place)) this.missing.push(...missing);
    return undefined;
  }

  #onMissing(): OnMissing {
    return this.#ifMissing === 'mark' || this.#ifMissing === 'empty' ? this.#ifMissing : 'hold';
  }

  #canLeaveOut(template: Template, place: Place): boolean {
    if (this.#ifMissing === 'omit') return place.isOptional || isNested(place);
    if (this.#ifMissing !== 'fitting' || place.holdWhenMissing) return false;
    return place.isOptional && template.isSingle && !isItem(place);
  }

  #read(value: Json, field: InputField, place: Place): Json | undefined {
    if (field.scalar !== null) return asScalar(value, field.scalar);
    if (field.format === 'phone' && typeof value === 'string') return this.#readPhone(value, place);
    if (typeof value !== 'string' || (field.format !== 'blocks' && field.format !== 'json')) return value;
    if (value.trim() === '' && place.isOptional) return undefined;
    const read = readJsonText(value, field.format);
    return read.ok ? read.value : this.#refuse(place, read.problem);
  }

  #readPhone(text: string, place: Place): Json | undefined {
    if (text.trim() === '' && place.isOptional) return undefined;
    return asPhone(text, countryOf(this.#data)) ?? this.#refuse(place, NO_PHONE);
  }

  #guard(place: Place, render: () => Json | undefined): Json | undefined {
    try {
      return render();
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return this.#refuse(place, error.message);
    }
  }

  #refuse({ path }: Place, message: string): undefined {
    this.problems.push({ path: pathText(path), message });
    return undefined;
  }
}

/** Of the contact: numbers without a country code are most likely from there. */
function countryOf({ contact }: JsonObject): string | null {
  return isJsonObject(contact) && typeof contact.country === 'string' ? contact.country : null;
}

function asValue({ text, missing }: Rendered): RenderedValue {
  return { value: text, missing };
}

/** Built from entries, so that a key like `__proto__` stays a key. */
function withoutAbsent(entries: [string, Json | undefined][]): JsonObject {
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
