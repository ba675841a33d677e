import { LiquidError, type Token } from 'liquidjs';

/** What is wrong with a template, and where in its text (1-based). The message never holds call data. */
export class TemplateError extends Error {
  override name = 'TemplateError';

  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
  }
}

/** In plain words what the engine says in its own. */
const WORDS: [RegExp, string][] = [
  [/^memory alloc limit exceeded/, 'the template makes more text or longer lists than allowed'],
  [/^template render limit exceeded/, 'rendering takes too long'],
  [/^Maximum call stack/, 'the template is nested too deeply'],
];

/** The engine's errors repeat the position in their message and quote lines around it. */
export function templateError(error: unknown, at?: Token): TemplateError {
  if (error instanceof TemplateError) return error;
  const token = LiquidError.is(error) ? error.token : at;
  const [line = 1, column = 1] = token?.getPosition() ?? [];
  return new TemplateError(plainMessage(error), line, column);
}

function plainMessage(error: unknown): string {
  const cause: unknown = LiquidError.is(error) ? (error.originalError ?? error) : error;
  const text = cause instanceof Error ? cause.message.replace(/, line:\d+, col:\d+$/, '') : String(cause);
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}
