import { type NodemailerError } from 'nodemailer';
import { redactEmails } from '../lib/redact.js';
import { failureCode, networkFailure } from './failure-codes.js';
import { type MailRefusal, MailError } from './mail-client.js';

/** Answers about the account rather than the message (RFC 4954, RFC 3207). */
const AUTH_CODES = [454, 530, 534, 535, 538];

/** Recipients that the server did not take, with its words, in which addresses are hidden. */
export function refusalsOf(errors: readonly NodemailerError[] = []): MailRefusal[] {
  return errors.map((error) => ({
    address: error.recipient ?? '',
    code: error.responseCode ?? 0,
    message: answerOf(error),
  }));
}

/**
 * What went wrong, from nodemailer's error. `begun`: the server had said 354 and the message was on its
 * way. A server that answers afterwards says what it did; one that vanishes leaves that open.
 */
export function mailErrorOf(thrown: unknown, begun: boolean, timeoutMs: number): MailError {
  const error = thrown as NodemailerError;
  const code = error.responseCode ?? null;
  if (error.code === 'EAUTH' || error.code === 'ENOAUTH' || (code !== null && AUTH_CODES.includes(code)))
    return new MailError('auth', `the server refused the login: ${answerOf(error)}`, code, false);
  if (code !== null)
    return new MailError('answer', answerOf(error), code, false, refusalsOf(error.rejectedErrors));
  return networkError(error, begun, timeoutMs);
}

function networkError(error: NodemailerError, begun: boolean, timeoutMs: number): MailError {
  switch (error.code) {
    case 'ERR_ADDRESS_FORBIDDEN':
      return new MailError('address_forbidden', error.message, null, false);
    case 'EABORT':
      return new MailError('timeout', `the server did not take the mail within ${timeoutMs} ms`, null, begun);
    case 'ETIMEDOUT':
      return new MailError('timeout', 'the server did not answer in time', null, begun);
    case 'EENVELOPE':
    case 'EMESSAGE':
    case 'ESTREAM':
    case 'EFILEACCESS':
    case 'EURLACCESS':
      return new MailError(
        'message',
        `the mail cannot be sent: ${redactEmails(oneLine(error.message))}`,
        null,
        false,
      );
    default:
      return connectionError(error, begun);
  }
}

function connectionError(error: NodemailerError, begun: boolean): MailError {
  const code = error.originalCode ?? failureCode(error);
  const failure = networkFailure(error.code === 'ETLS' ? 'ETLS' : code, begun);
  const text = CONNECTION_TEXTS[failure];
  return new MailError(failure, code === '' ? text : `${text} (${code})`, null, begun);
}

const CONNECTION_TEXTS = {
  offline: 'the mail server is out of reach: our own network or name service fails',
  dns: 'the mail server cannot be resolved',
  tls: 'no trusted TLS connection to the mail server',
  connection: 'the connection to the mail server failed',
};

function answerOf(error: NodemailerError): string {
  return redactEmails(oneLine(error.response ?? error.message)).slice(0, 200);
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}
