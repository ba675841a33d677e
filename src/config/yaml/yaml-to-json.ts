import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { type Json, type JsonObject } from '../../lib/json.js';
import { type Path } from '../path.js';

/** Aliases spare a person some typing; whoever needs more than these is generating, and can write it out. */
const MAX_ALIASES = 100;
/** Values that aliases may add to a file altogether. */
const MAX_ALIASED_VALUES = 10_000;

/** Says something about the place at `offset`. `spoiled`: what stands there is replaced by a guess. */
export type Report = (finding: {
  severity: 'error' | 'warning';
  offset: number;
  path: Path;
  message: string;
  spoiled?: boolean;
  /** A bomb breaks the same bound thousands of times: the first of equal messages is what there is to say. */
  once?: boolean;
}) => void;

/**
 * Turns a YAML tree into JSON and reports everything YAML allows and we do not: tags, merge keys, keys that
 * are no text, numbers that lose digits, and values that are a slip (`{{ x }}` or `#ops` without quotes).
 * Goes on after a finding with the value that was most likely meant, so that one run finds them all.
 */
export class YamlToJson {
  readonly #anchors = new Map<string, ParsedNode>();
  readonly #targets = new Map<Alias, ParsedNode>();
  #aliases = 0;
  #aliasedValues = 0;
  #insideAlias = false;

  constructor(private readonly report: Report) {}

  /** The node an alias stood for while reading. */
  targetOf(alias: Alias): ParsedNode | undefined {
    return this.#targets.get(alias);
  }

  read(node: ParsedNode | null, path: Path): Json {
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node, path);
    if (this.#insideAlias) this.#aliasedValues++;
    if (node.tag !== undefined) this.#error(node, path, tagMessage(node.tag), true);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isSeq(node)) return node.items.map((item, i) => this.read(item as ParsedNode | null, [...path, i]));
    if (isMap(node)) return isTemplateSlip(node) ? this.#templateSlip(node, path) : this.#map(node, path);
    return this.#scalar(node, path);
  }

  #alias(alias: Alias.Parsed, path: Path): Json {
    const target = this.#anchors.get(alias.source);
    const refusal = this.#refuseAlias(alias, target);
    if (refusal !== null || target === undefined) {
      this.report({
        severity: 'error',
        offset: alias.range[0],
        path,
        message: refusal ?? '',
        spoiled: true,
        once: true,
      });
      return null;
    }
    this.#targets.set(alias, target);
    this.#insideAlias = true;
    const value = this.read(target, path);
    this.#insideAlias = false;
    return value;
  }

  #refuseAlias(alias: Alias, target: ParsedNode | undefined): string | null {
    if (target === undefined)
      return `the alias *${alias.source} has no anchor &${alias.source} before it; quote a text that begins with *`;
    if (this.#insideAlias) return 'an alias inside an anchored part; write it out';
    if (++this.#aliases > MAX_ALIASES) return `more than ${MAX_ALIASES} aliases; write the parts out`;
    return this.#aliasedValues > MAX_ALIASED_VALUES
      ? `aliases that stand for more than ${MAX_ALIASED_VALUES} values`
      : null;
  }

  #map(node: YAMLMap.Parsed, path: Path): JsonObject {
    const value: JsonObject = {};
    for (const pair of node.items) {
      const key = this.#key(pair.key, path);
      if (key === null) continue;
      if (Object.hasOwn(value, key))
        this.#error(pair.key, [...path, key], `the key ${key} stands here for a second time`);
      else value[key] = this.#value(pair.value, [...path, key]);
    }
    return value;
  }

  /** The key as text, or null where none can be guessed. */
  #key(key: ParsedNode, path: Path): string | null {
    if (!isScalar(key)) {
      const message = isMap(key) ? TEMPLATE_SLIP : 'a key must be one text';
      this.#error(key, path, key.tag === undefined ? message : tagMessage(key.tag));
      return null;
    }
    const text = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
    const refusal = refuseKey(key, text);
    if (refusal !== null) this.#error(key, [...path, text], refusal);
    return text === '__proto__' || text === '<<' || (text === '' && key.type === 'PLAIN') ? null : text;
  }

  #value(node: ParsedNode | null, path: Path): Json {
    const comment =
      node !== null && isScalar(node) && node.source === '' ? node.comment?.split('\n')[0] : undefined;
    // `channel: #ops` is a slip; `channel: # still to be found` says nothing on purpose.
    if (node === null || comment === undefined || !/^[^\s#!]/.test(comment)) return this.read(node, path);
    this.#error(
      node,
      path,
      `"#${comment}" is a comment, so nothing is set here; put it in quotes: "#${comment}"`,
      true,
    );
    return `#${comment}`;
  }

  #templateSlip(node: YAMLMap, path: Path): string {
    this.#error(node as ParsedNode, path, TEMPLATE_SLIP, true);
    return '';
  }

  #scalar(node: Scalar.Parsed, path: Path): Json {
    if (typeof node.value !== 'number') return node.value as string | boolean | null;
    const source = node.source;
    if (!Number.isFinite(node.value)) {
      this.#error(node, path, `${source} is not a number here; put it in quotes if it is a text`, true);
      return source;
    }
    if (source.startsWith('+')) {
      this.#error(
        node,
        path,
        `${source} is read as a number and loses its plus; put it in quotes: "${source}"`,
        true,
      );
      return source;
    }
    if (/^-?0\d/.test(source)) this.#warnOfZero(node, path);
    return Number.isInteger(node.value) && !Number.isSafeInteger(node.value)
      ? digitsOf(source, node.value)
      : node.value;
  }

  #warnOfZero(node: Scalar.Parsed, path: Path): void {
    const message = `${node.source} is read as the number ${String(node.value)}; put it in quotes to keep the zero: "${node.source}"`;
    this.report({ severity: 'warning', offset: node.range[0], path, message });
  }

  #error(node: ParsedNode, path: Path, message: string, spoiled = false): void {
    this.report({ severity: 'error', offset: node.range[0], path, message, spoiled });
  }
}

const TEMPLATE_SLIP = 'a text that begins with {{ must be in quotes: "{{ … }}"';

/** `{{ x }}` without quotes is a mapping whose only key is a mapping. */
function isTemplateSlip(node: YAMLMap): boolean {
  const [first] = node.items;
  return node.flow === true && node.items.length === 1 && isMap(first?.key);
}

function refuseKey(key: Scalar.Parsed, text: string): string | null {
  if (key.tag !== undefined) return tagMessage(key.tag);
  if (key.type !== 'PLAIN') return text === '__proto__' ? 'a key named __proto__' : null;
  if (text === '') return 'a key is missing before the colon';
  if (text === '<<') return 'merge keys (<<) are not supported; write the keys out';
  if (text === '__proto__') return 'a key named __proto__';
  if (typeof key.value === 'string') return null;
  const type = key.value === null ? 'nothing' : `a ${typeof key.value}`;
  return `the key ${text} is read as ${type}, not as text; put it in quotes: "${text}"`;
}

function tagMessage(tag: string): string {
  const written = tag.replace('tag:yaml.org,2002:', '!!');
  return `${written} is a tag, and tags are not supported; put what begins with ! in quotes, such as "!":`;
}

/** Every digit of an integer that a double cannot hold. */
function digitsOf(source: string, value: number): string | number {
  return /^(-?\d+|0o[0-7]+|0x[0-9a-fA-F]+)$/.test(source) ? BigInt(source).toString() : value;
}
