import { Drop } from 'liquidjs';

/**
 * Text that is already escaped for its field: what `capture` collected, or line breaks made by a filter. A
 * filter that follows works on the plain text, whose result is escaped like any other value.
 */
export class Markup extends Drop {
  constructor(
    readonly plain: string,
    readonly escaped: string,
  ) {
    super();
  }

  override valueOf(): string {
    return this.plain;
  }
}

/** What the `json` filter gives: text anywhere else, a value where a JSON template expects one. */
export class JsonText extends Drop {
  constructor(
    readonly value: unknown,
    readonly text: string,
  ) {
    super();
  }

  override valueOf(): string {
    return this.text;
  }
}
