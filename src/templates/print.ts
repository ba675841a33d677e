import {
  type Context,
  type Emitter,
  type FilteredValueToken,
  type Liquid,
  type Template,
  type Token,
  TypeGuards,
  Value,
  evalToken,
  toValueSync,
} from 'liquidjs';
import { type TemplateEmitter } from './emitters.js';
import { type RenderContext } from './render-context.js';

type Path = { text: string; token: Token; keys: (string | number)[] | null };

/**
 * One output. It knows which variables it reads, so that a missing one is noticed where Liquid would print
 * nothing. A variable counts as missing when it is not there or null and no `default` filter follows.
 */
export class Print implements Template {
  readonly #value: Value;
  /** The variable in front of the filters; null for literals, ranges and comparisons. */
  readonly #path: Path | null;
  /** Variables among the arguments of filters. */
  readonly #argumentPaths: Path[];
  readonly #hasDefault: boolean;
  /** What is reported when the filters leave nothing. */
  readonly #wholePath: string | null;

  constructor(
    readonly token: Token,
    value: FilteredValueToken,
    liquid: Liquid,
  ) {
    this.#value = new Value(value, liquid);
    const [first, ...more] = this.#value.initial.postfix;
    this.#path = first && more.length === 0 ? pathOf(first) : null;
    this.#hasDefault = value.filters.some(({ name }) => name === 'default');
    this.#argumentPaths = this.#hasDefault ? [] : argumentPaths(value);
    this.#wholePath = this.#hasDefault ? defaultPath(value) : this.#path && value.getText().trim();
  }

  render(context: Context, emitter: Emitter): void {
    this.renderTo(context as RenderContext, emitter as TemplateEmitter);
  }

  renderTo(context: RenderContext, emitter: TemplateEmitter): void {
    const value = this.evaluate(context);
    if (value !== undefined) emitter.print(value);
  }

  /** The value with its type; undefined when nothing is to be printed because a variable is missing. */
  evaluate(context: RenderContext): unknown {
    let value: unknown = this.#path
      ? read(this.#path, context)
      : toValueSync(this.#value.initial.evaluate(context));
    if (!this.#hasDefault) {
      if (this.#path && isNil(value)) return missing(this.#path.text, context);
      for (const path of this.#argumentPaths) {
        if (isNil(read(path, context))) return missing(path.text, context);
      }
    }
    for (const filter of this.#value.filters) value = toValueSync(filter.render(value, context));
    if (isNil(value) && this.#wholePath !== null) return missing(this.#wholePath, context);
    return value ?? null;
  }
}

function missing(path: string, context: RenderContext): string | undefined {
  context.noteMissing(path);
  return context.onMissing === 'mark' ? `[missing: ${path}]` : undefined;
}

function read({ keys, token }: Path, context: RenderContext): unknown {
  return keys ? context.getSync(keys) : toValueSync(evalToken(token, context));
}

function isNil(value: unknown): boolean {
  return value === null || value === undefined;
}

function pathOf(token: Token): Path | null {
  if (!TypeGuards.isPropertyAccessToken(token)) return null;
  const keys: (string | number)[] = [];
  for (const key of token.props) {
    if (TypeGuards.isWordToken(key) || TypeGuards.isQuotedToken(key) || TypeGuards.isNumberToken(key))
      keys.push(key.content);
  }
  const isFixed = !token.variable && keys.length === token.props.length;
  return { text: token.getText().trim(), token, keys: isFixed ? keys : null };
}

function argumentPaths({ filters }: FilteredValueToken): Path[] {
  const tokens = filters.flatMap(({ args }) => args.map((arg) => (Array.isArray(arg) ? arg[1] : arg)));
  return tokens.flatMap((token) => (token ? (pathOf(token) ?? []) : []));
}

/** `default: other` stands in with a variable that may be missing itself; `default: nil` asks for nothing. */
function defaultPath({ filters }: FilteredValueToken): string | null {
  const [argument] = filters.findLast(({ name }) => name === 'default')?.args ?? [];
  if (!argument || Array.isArray(argument)) return null;
  return pathOf(argument)?.text ?? null;
}
