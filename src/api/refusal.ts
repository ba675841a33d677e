import { type Problem } from '../domain/event.js';
import { DeskError, type DeskStatus } from '../replay/desk-error.js';
import { StoreUnavailableError } from '../store/store.js';

/** A refusal of the admin API, in the form of the hook's. Holds no secret. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly httpStatus: number,
    readonly status: string,
    message: string,
    readonly headers: Record<string, string> = {},
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
  }
}

export const UNAUTHORIZED = new Refusal(
  401,
  'unauthorized',
  'wrong or missing token; give the admin token as Authorization: Bearer (`aftercall urls` prints it)',
  { 'www-authenticate': 'Bearer' },
);

export function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, 'too_large', `the body is over ${maxBytes / 2 ** 20} MiB`, { connection: 'close' });
}

export const TOO_SLOW = new Refusal(408, 'too_slow', 'the body did not arrive in time', {
  connection: 'close',
});

const UNAVAILABLE = new Refusal(503, 'unavailable', 'the store cannot be used at the moment; try again', {
  'retry-after': '5',
});

const INTERNAL_ERROR = new Refusal(500, 'internal_error', 'something went wrong here; the log says what');

const HTTP_STATUS: Record<DeskStatus, number> = {
  not_found: 404,
  conflict: 409,
  bad_request: 400,
  unreadable: 422,
};

/** What is answered to an error, and whether it is our own fault. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof DeskError) {
    const { status, message, problems } = error;
    return new Refusal(HTTP_STATUS[status], status, message, {}, problems);
  }
  return error instanceof StoreUnavailableError ? UNAVAILABLE : INTERNAL_ERROR;
}
