import { type LoggerService } from '@nestjs/common';
import { type Logger, type LevelWithSilent, destination, pino } from 'pino';
import { redactSecrets } from '../lib/redact.js';

export type { Logger } from 'pino';

/**
 * The server's own log: JSON lines on standard error (standard output belongs to what the `log` kind
 * prints). Whatever text passes is freed of the configured secrets first.
 */
export function createLogger(level: LevelWithSilent, secrets: () => readonly string[]): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  const hooks = {
    streamWrite: (line: string) => redactSecrets(line, secrets()),
  };
  return pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, formatters, hooks },
    destination(2),
  );
}

/** Lets Nest write through the same logger; its routine start-up lines are of no use to an operator. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug({ context: context.at(-1) }, String(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn({ context: context.at(-1) }, String(message));
  }

  error(message: unknown, ...details: unknown[]): void {
    const error = message instanceof Error ? message : undefined;
    this.logger.error({ err: error, context: details.at(-1) }, error ? error.message : String(message));
  }
}
