import { type ServerResponse } from 'node:http';
import { type AcceptAnswer } from './accept-event.js';

/** An answer of the hook. The vendor keeps and shows it to its user, so it holds no secret and no data of the call. */
export interface HookAnswer {
  httpStatus: number;
  body: AcceptAnswer['body'] | { status: RefusalStatus; message: string };
  headers?: Record<string, string>;
  /** The rest of the body was not read and is not wanted: the connection cannot be used again. */
  closes?: boolean;
}

export type RefusalStatus =
  | 'method_not_allowed'
  | 'unknown_source'
  | 'forbidden'
  | 'unauthorized'
  | 'unsupported_encoding'
  | 'too_large'
  | 'too_slow'
  | 'unavailable'
  | 'internal_error';

function refuse(
  httpStatus: number,
  status: RefusalStatus,
  message: string,
  headers?: Record<string, string>,
): HookAnswer {
  return { httpStatus, body: { status, message }, headers };
}

export const METHOD_NOT_ALLOWED = refuse(405, 'method_not_allowed', 'send the call with POST', {
  allow: 'POST',
});

export const UNKNOWN_SOURCE = refuse(
  404,
  'unknown_source',
  'no source has this name; `aftercall urls` prints the addresses that exist',
);

export const FORBIDDEN = refuse(403, 'forbidden', 'this address is not among the allow_ips of the source');

export const UNAUTHORIZED = refuse(
  401,
  'unauthorized',
  'wrong or missing token; give it in the path or as Authorization: Bearer',
  { 'www-authenticate': 'Bearer' },
);

export const UNSUPPORTED_ENCODING = refuse(
  415,
  'unsupported_encoding',
  'this Content-Encoding is not understood; send the body as it is, or with gzip',
  { 'accept-encoding': 'gzip, identity' },
);

export const TOO_LARGE = refuse(413, 'too_large', 'the body is over 5 MiB');

export const TOO_SLOW = { ...refuse(408, 'too_slow', 'the body did not arrive in time'), closes: true };

export const UNAVAILABLE = refuse(503, 'unavailable', 'the call could not be stored; send it again', {
  'retry-after': '5',
});

export const INTERNAL_ERROR = refuse(500, 'internal_error', 'something went wrong here; send the call again');

/** Writes an answer, unless the sender has gone or was answered already. */
export function sendAnswer(
  response: ServerResponse,
  { httpStatus, body, headers, closes }: HookAnswer,
): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(httpStatus, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(closes === true && { connection: 'close' }),
    ...headers,
  });
  response.end(text);
}
