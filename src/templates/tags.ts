import {
  AssignTag,
  BreakTag,
  CaptureTag,
  CaseTag,
  CommentTag,
  type Context,
  ContinueTag,
  type Emitter,
  ForTag,
  IfTag,
  InlineCommentTag,
  type Liquid,
  LiquidTag,
  RawTag,
  Tag,
  type TagToken,
  type TopLevelToken,
  UnlessTag,
} from 'liquidjs';
import { type TemplateEmitter } from './emitters.js';
import { Markup } from './markup.js';
import { Print } from './print.js';
import { type RenderContext } from './render-context.js';
import { type StrictTokenizer } from './tokenizer.js';

/** `{% echo … %}`: an output in tag form, for `{% liquid %}`. */
class PrintTag extends Tag {
  readonly #print: Print;

  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid) {
    super(token, remaining, liquid);
    const tokenizer = token.tokenizer as StrictTokenizer;
    const value = tokenizer.readFilteredValue();
    tokenizer.expectEnd();
    this.#print = new Print(token, value, liquid);
  }

  override render(context: Context, emitter: Emitter): void {
    this.#print.renderTo(context as RenderContext, emitter as TemplateEmitter);
  }
}

/** Outputs inside a capture are escaped there, so what was captured must not be escaped again. */
class EscapedCaptureTag extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    const emitter = (context as RenderContext).newCapture();
    yield this.liquid.renderer.renderTemplates(this.templates, context, emitter);
    context.memoryLimit.use(emitter.buffer.length);
    context.bottom()[this.variable] = new Markup(emitter.plain, emitter.buffer);
  }
}

/** No files (`include`, `render`, `layout`, `block`), and nothing that writes into the call (`increment`). */
export const TAGS = {
  assign: AssignTag,
  break: BreakTag,
  capture: EscapedCaptureTag,
  case: CaseTag,
  comment: CommentTag,
  continue: ContinueTag,
  echo: PrintTag,
  for: ForTag,
  if: IfTag,
  liquid: LiquidTag,
  raw: RawTag,
  unless: UnlessTag,
  '#': InlineCommentTag,
} as const;

/** Tags that always print the same. */
export function isStaticTag(tag: unknown): boolean {
  return tag instanceof RawTag || tag instanceof CommentTag || tag instanceof InlineCommentTag;
}
