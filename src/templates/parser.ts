import { type Liquid, Parser, type TagToken, type Template, type TopLevelToken, TypeGuards } from 'liquidjs';
import { LIMITS } from './limits.js';
import { Print } from './print.js';
import { StrictTokenizer, hint } from './tokenizer.js';

type ParsedToken = ReturnType<Parser['parseToken']>;

/** Liquid's parser with our own outputs and strict tokenizers; knows no files. */
export class TemplateParser extends Parser {
  #depth = 0;

  constructor(
    private readonly engine: Liquid,
    private readonly tables: readonly string[],
  ) {
    super(engine);
  }

  override parseTokens(tokens: TopLevelToken[]): Template[] {
    for (const token of tokens) if (TypeGuards.isTagToken(token)) this.#makeStrict(token);
    return super.parseTokens(tokens);
  }

  override parseToken(token: TopLevelToken, remaining: TopLevelToken[]): ParsedToken {
    if (TypeGuards.isOutputToken(token)) return this.#parseOutput(token) as unknown as ParsedToken;
    if (!TypeGuards.isTagToken(token)) return super.parseToken(token, remaining);
    this.#checkTag(token);
    if (++this.#depth > LIMITS.depth) throw new Error(`tags are nested more than ${LIMITS.depth} deep`);
    const tag = super.parseToken(token, remaining);
    this.#depth -= 1;
    return tag;
  }

  #parseOutput(token: Extract<TopLevelToken, { content: string }>): Print {
    const tokenizer = new StrictTokenizer(token.input, token.contentRange, this.engine, this.tables);
    if (tokenizer.remaining().trim() === '') throw tokenizer.error('an output without a value');
    const value = tokenizer.readFilteredValue();
    tokenizer.expectEnd();
    return new Print(token, value, this.engine);
  }

  #makeStrict(token: TagToken): void {
    const tokenizer = new StrictTokenizer(token.input, token.contentRange, this.engine, this.tables);
    tokenizer.readTagName();
    tokenizer.skipBlank();
    token.tokenizer = tokenizer;
  }

  #checkTag({ name, tokenizer, begin }: TagToken): void {
    if (name in this.engine.tags) return;
    const known = Object.keys(this.engine.tags);
    throw tokenizer.error(
      `unknown tag \`${name}\`${hint(name, known)}; known are ${known.join(', ')}`,
      begin,
    );
  }
}
