import { type Emitter } from 'liquidjs';
import { type Escaper, escapeDeep, textOf } from './escape.js';
import { LIMITS } from './limits.js';
import { JsonText, Markup } from './markup.js';

/** Collects a rendering: `write` takes static text as it is, `print` takes a value and escapes it. */
export interface TemplateEmitter extends Emitter {
  print(value: unknown): void;
}

function bounded(buffer: string): string {
  if (buffer.length > LIMITS.outputLength)
    throw new Error(`the output is longer than ${LIMITS.outputLength} characters`);
  return buffer;
}

export class TextEmitter implements TemplateEmitter {
  buffer = '';

  constructor(private readonly escape: Escaper) {}

  write(text: string): void {
    this.buffer = bounded(this.buffer + text);
  }

  print(value: unknown): void {
    this.write(value instanceof Markup ? value.escaped : this.escape(textOf(value)));
  }
}

/** Collects a `capture` twice: as it will stand in the field, and as the text that filters work on. */
export class CaptureEmitter extends TextEmitter {
  plain = '';

  override write(text: string): void {
    super.write(text);
    this.plain += text;
  }

  override print(value: unknown): void {
    const plain = this.plain + textOf(value);
    super.print(value);
    this.plain = plain;
  }
}

/**
 * Collects JSON. It follows the string literals of the text, so that a value can neither end the literal that
 * it stands in nor bring structure where a value is expected.
 */
export class JsonEmitter implements TemplateEmitter {
  buffer = '';
  #inString = false;
  #afterBackslash = false;

  constructor(private readonly escape: Escaper) {}

  write(text: string): void {
    this.#follow(text);
    this.buffer = bounded(this.buffer + text);
  }

  print(value: unknown): void {
    if (this.#afterBackslash) throw new Error('a backslash stands right before this output');
    this.buffer = bounded(this.buffer + (this.#inString ? this.#insideString(value) : this.#asValue(value)));
  }

  #insideString(value: unknown): string {
    return JSON.stringify(this.escape(textOf(value))).slice(1, -1);
  }

  #asValue(value: unknown): string {
    if (typeof value === 'number') return textOf(value);
    return JSON.stringify(escapeDeep(value instanceof JsonText ? value.value : value, this.escape));
  }

  #follow(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (this.#afterBackslash) this.#afterBackslash = false;
      else if (code === QUOTE) this.#inString = !this.#inString;
      else if (code === BACKSLASH && this.#inString) this.#afterBackslash = true;
    }
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
