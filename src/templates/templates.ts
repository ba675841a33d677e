import { Liquid, type Template as Node, Tag, toValue, toValueSync } from 'liquidjs';
import { type Clock, systemClock } from '../lib/clock.js';
import { type Json, type JsonObject } from '../lib/json.js';
import { type Escape, refuseDotSegments } from './escape.js';
import { registerFilters, type Tables } from './filters.js';
import { LIMITS } from './limits.js';
import { TemplateParser } from './parser.js';
import { Print } from './print.js';
import { type OnMissing, RenderContext } from './render-context.js';
import { isStaticTag, TAGS } from './tags.js';
import { templateError, TemplateError } from './template-error.js';

export interface TemplateSettings {
  /** IANA zone that `date` works in. */
  timezone: string;
  tables: Tables;
  /** Texts of `templates/*.liquid` by file name, with or without the ending. */
  files: Readonly<Record<string, string>>;
  /** Only for `'now' | date`. Default: the system's. */
  clock?: Clock;
}

/** `missing`: paths of variables that were to be printed and are missing or null, each once. */
export interface Rendered {
  text: string;
  missing: string[];
}

export interface RenderedValue {
  value: Json;
  missing: string[];
}

export interface Template {
  /** True when the text holds no output and no logic. */
  readonly isStatic: boolean;
  /** True when the whole text is one single `{{ … }}`. */
  readonly isSingle: boolean;
  /** Never changes `data`; its values are never read as templates. Throws {@link TemplateError}. */
  render(data: JsonObject, onMissing: OnMissing): Rendered;
  /**
   * A single `{{ … }}` gives its value with its type, unescaped and of any length; anything else its text.
   * Throws {@link TemplateError}.
   */
  renderValue(data: JsonObject, onMissing: OnMissing): RenderedValue;
}

export interface Templates {
  /** Parsed once for each format and text, then kept. Throws {@link TemplateError}. */
  parse(text: string, escape: Escape): Template;
  /** A file of `templates/`, its name with or without `.liquid`; undefined where there is none. */
  file(name: string, escape: Escape): Template | undefined;
  readonly fileNames: readonly string[];
}

/** Far more than a configuration holds; only texts changed by hand on release could ever fill it. */
const LARGEST_CACHE = 10_000;

export function createTemplates(settings: TemplateSettings): Templates {
  const liquid = createEngine(settings);
  const tables = Object.keys(settings.tables);
  const cache = new Map<string, Template>();
  const parse = (text: string, escape: Escape): Template => {
    const key = `${escape}:${text}`;
    const known = cache.get(key);
    if (known) return known;
    if (cache.size >= LARGEST_CACHE) cache.clear();
    const template = parseTemplate(text, escape, liquid, tables);
    cache.set(key, template);
    return template;
  };
  const file = (name: string, escape: Escape): Template | undefined => {
    const found = [name, `${name}.liquid`].find((candidate) => Object.hasOwn(settings.files, candidate));
    return found === undefined ? undefined : parse(settings.files[found] ?? '', escape);
  };
  return { parse, file, fileNames: Object.keys(settings.files) };
}

function createEngine({ timezone, tables, clock = systemClock }: TemplateSettings): Liquid {
  const liquid = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    dynamicPartials: false,
    relativeReference: false,
    templates: {},
    parseLimit: LIMITS.templateLength,
    renderLimit: LIMITS.time,
    memoryLimit: LIMITS.memory,
  });
  for (const name of Object.keys(liquid.tags)) delete liquid.tags[name];
  for (const [name, tag] of Object.entries(TAGS)) liquid.registerTag(name, tag);
  registerFilters(liquid, { timezone, tables, clock });
  return liquid;
}

function parseTemplate(text: string, escape: Escape, liquid: Liquid, tables: string[]): Template {
  if (!text.includes('{{') && !text.includes('{%')) return new StaticTemplate(text);
  const nodes = parseNodes(text, liquid, tables);
  const [only] = nodes;
  if (only instanceof Print && nodes.length === 1) return new SingleTemplate(only, escape, liquid);
  const template = new LiquidTemplate(nodes, escape, liquid);
  return nodes.every(isStatic) ? new StaticTemplate(template.render({}, 'hold').text) : template;
}

function parseNodes(text: string, liquid: Liquid, tables: string[]): Node[] {
  if (text.length > LIMITS.templateLength)
    throw new TemplateError(`the template is longer than ${LIMITS.templateLength} characters`, 1, 1);
  try {
    return new TemplateParser(liquid, tables).parse(text);
  } catch (error) {
    throw templateError(error);
  }
}

function isStatic(node: Node): boolean {
  return node instanceof Tag ? isStaticTag(node) : !(node instanceof Print);
}

class StaticTemplate implements Template {
  readonly isStatic = true;
  readonly isSingle = false;

  constructor(private readonly text: string) {}

  render(): Rendered {
    return { text: this.text, missing: [] };
  }

  renderValue(): RenderedValue {
    return { value: this.text, missing: [] };
  }
}

class LiquidTemplate implements Template {
  readonly isStatic = false;
  readonly isSingle: boolean = false;

  constructor(
    private readonly nodes: Node[],
    protected readonly escape: Escape,
    protected readonly liquid: Liquid,
  ) {}

  render(data: JsonObject, onMissing: OnMissing): Rendered {
    const context = new RenderContext(data, this.liquid, this.escape, onMissing);
    const emitter = context.newEmitter();
    try {
      toValueSync(this.liquid.renderer.renderTemplates(this.nodes, context, emitter));
      if (this.escape === 'path') refuseDotSegments(emitter.buffer);
    } catch (error) {
      throw templateError(error);
    }
    return { text: emitter.buffer, missing: context.missing };
  }

  renderValue(data: JsonObject, onMissing: OnMissing): RenderedValue {
    const { text, missing } = this.render(data, onMissing);
    return { value: text, missing };
  }
}

/** `{{ path | filters }}` and nothing else. */
class SingleTemplate extends LiquidTemplate {
  override readonly isSingle = true;

  constructor(
    private readonly print: Print,
    escape: Escape,
    liquid: Liquid,
  ) {
    super([print], escape, liquid);
  }

  override renderValue(data: JsonObject, onMissing: OnMissing): RenderedValue {
    const context = new RenderContext(data, this.liquid, this.escape, onMissing);
    try {
      const printed = this.print.evaluate(context);
      const value: unknown = printed === undefined ? '' : toValue(printed);
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('the result is not a number');
      return { value: value as Json, missing: context.missing };
    } catch (error) {
      throw templateError(error, this.print.token);
    }
  }
}
