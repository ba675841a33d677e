import { type Problem } from '../domain/event.js';

/**
 * What was asked of the desk cannot be done:
 * - `not_found`: no event, delivery, rule or destination of this name. - `conflict`: not in this state.
 * - `bad_request`: a filter or a body that makes no sense; the message names the field.
 * - `unreadable`: the bytes of the event are no call; {@link DeskError.problems} says why.
 */
export type DeskStatus = 'not_found' | 'conflict' | 'bad_request' | 'unreadable';

/** The message is one line for a person and holds no personal data. */
export class DeskError extends Error {
  override readonly name = 'DeskError';
  constructor(
    readonly status: DeskStatus,
    message: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
  }
}

/** What somebody typed is repeated short, and without signs that a terminal would obey. */
export function unknown(what: 'event' | 'delivery', id: string): DeskError {
  const typed = JSON.stringify(id.length > 64 ? `${id.slice(0, 64)}…` : id);
  return new DeskError('not_found', `there is no ${what} ${typed}`);
}
