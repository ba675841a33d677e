import { redactSecrets } from '../../lib/redact.js';

/**
 * Tells of what went wrong, each thing once until it is over: while Redis is away, every connection fails
 * every second with the same words. Only words are passed on: the errors of ioredis carry the command that
 * failed, which may be the one with the password.
 */
export class Trouble {
  readonly #told = new Set<string>();

  constructor(
    private readonly onTrouble: (error: unknown) => void,
    private readonly secrets: readonly string[],
  ) {}

  tell(error: unknown): void {
    const message = redactSecrets(wordsOf(error), this.secrets);
    if (this.#told.has(message)) return;
    if (this.#told.size >= MOST_TOLD) this.#told.clear();
    this.#told.add(message);
    this.onTrouble(new Error(`Redis: ${message}`));
  }

  over(): void {
    this.#told.clear();
  }
}

/** Messages with ids or times in them are all different. */
const MOST_TOLD = 100;

/** What an error says. Where a name has several addresses, that stands inside an error without words. */
export function wordsOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('message' in error && typeof error.message === 'string' && error.message !== '') return error.message;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.map(wordsOf).join(', ');
  return 'unknown trouble';
}
