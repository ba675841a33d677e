import { describe, expect, it } from '@jest/globals';
import { failureCode, networkFailure } from './failure-codes.js';

const OURS = [
  ...['EAI_AGAIN', 'EAI_MEMORY', 'EAI_SYSTEM', 'ENETUNREACH', 'ENETDOWN', 'ENONET'],
  ...['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'],
];

describe('networkFailure', () => {
  it.each(OURS)(
    'takes %s for our own network while nothing was sent, then for a broken connection',
    (code) => {
      expect(networkFailure(code, false)).toBe('offline');
      expect(networkFailure(code, true)).toBe('connection');
    },
  );

  it.each([
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ECONNRESET',
    'ETIMEDOUT',
    'EPIPE',
    'EACCES',
    'EPERM',
    'HPE_INVALID_VERSION',
    '',
  ])('takes %j for the connection', (code) => expect(networkFailure(code, false)).toBe('connection'));

  it.each(['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'ETIMEOUT', 'EAI_FAIL', 'EAI_NONAME'])(
    'takes %s for the name',
    (code) => expect(networkFailure(code, false)).toBe('dns'),
  );

  it.each(['EPROTO', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
    'takes %s for the handshake',
    (code) => expect(networkFailure(code, false)).toBe('tls'),
  );
});

describe('failureCode', () => {
  const several = (...codes: string[]) =>
    Object.assign(new AggregateError(codes.map((code) => Object.assign(new Error(code), { code }))), {
      code: codes[0],
    });

  it('is the code of the error', () => {
    expect(failureCode(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
    expect(failureCode(new Error('x'))).toBe('');
  });

  it('prefers what an address that was reached said', () => {
    expect(failureCode(several('ENETUNREACH', 'ECONNREFUSED'))).toBe('ECONNREFUSED');
    expect(failureCode(several('ENETUNREACH', 'EADDRNOTAVAIL'))).toBe('ENETUNREACH');
    expect(failureCode(new Error('wrapped', { cause: several('ENETUNREACH', 'ETIMEDOUT') }))).toBe(
      'ETIMEDOUT',
    );
  });
});
