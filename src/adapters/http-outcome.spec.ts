import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fakeHttp } from '../../test/support/send-request.js';
import { type EgressFailure, EgressError, type HttpRequest } from '../egress/http-client.js';
import {
  describeAnswer,
  judgeByStatus,
  outcomeOfEgressError,
  outcomeOfResponse,
  sendAndJudge,
} from './http-outcome.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const answer = (status: number, body = '', headers: Record<string, string> = {}) => ({
  status,
  body,
  headers,
});
const REQUEST: HttpRequest = { method: 'POST', url: 'https://x.test', timeoutMs: 1000 };

describe('outcomeOfResponse', () => {
  /** The whole table, by the last status of each row. */
  const TABLE: [upTo: number, outcome: string, reason?: string][] = [
    [199, 'unknown', 'server_error'],
    [299, 'delivered'],
    [399, 'rejected', 'redirect'],
    [400, 'rejected', 'client_error'],
    [401, 'unauthorized', 'unauthorized'],
    [407, 'rejected', 'client_error'],
    [408, 'retry', 'timeout'],
    [424, 'rejected', 'client_error'],
    [425, 'retry', 'server_error'],
    [428, 'rejected', 'client_error'],
    [429, 'retry', 'rate_limited'],
    [499, 'rejected', 'client_error'],
    [599, 'retry', 'server_error'],
  ];
  const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);

  it('knows every status from 100 to 599', () => {
    const expected = statuses.map((status) => {
      const [, outcome, reason] = TABLE.find(([upTo]) => status <= upTo) ?? [];
      return { status, outcome, reason };
    });
    const actual = statuses.map((status) => {
      const result = outcomeOfResponse(answer(status), NOW);
      expect(result.httpStatus).toBe(status);
      return {
        status,
        outcome: result.outcome,
        reason: 'reason' in result ? result.reason : undefined,
      };
    });
    expect(actual).toEqual(expected);
  });

  it('waits only where it tries again, whatever the header says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.string(), (status, retryAfter) => {
        const result = outcomeOfResponse(answer(status, '', { 'retry-after': retryAfter }), NOW);
        if (result.outcome !== 'retry') expect(result).not.toHaveProperty('afterMs');
      }),
    );
  });

  it('hands on how long the destination asks to wait', () => {
    expect(outcomeOfResponse(answer(429, '', { 'retry-after': '7' }), NOW)).toMatchObject({ afterMs: 7000 });
    const date = 'Mon, 23 Nov 2026 12:01:00 GMT';
    expect(outcomeOfResponse(answer(503, '', { 'retry-after': date }), NOW)).toMatchObject({
      afterMs: 60_000,
    });
    expect(outcomeOfResponse(answer(429), NOW)).not.toHaveProperty('afterMs');
  });
});

describe('describeAnswer', () => {
  it('holds the status and the start of the answer on one line', () => {
    expect(describeAnswer(answer(400, '{"error":\r\n "bad\u0000 \u001b[31mfield"}'))).toBe(
      'HTTP 400: {"error": "bad [31mfield"}',
    );
    expect(describeAnswer(answer(404, '  '))).toBe('HTTP 404');
    expect(describeAnswer(answer(400, 'x'.repeat(5000)))).toBe(`HTTP 400: ${'x'.repeat(200)}`);
  });

  it('hides phone numbers and mail addresses', () => {
    expect(describeAnswer(answer(400, 'no contact +4917012345678 or jane@example.com'))).toBe(
      'HTTP 400: no contact +…78 or …@example.com',
    );
  });
});

describe('outcomeOfEgressError', () => {
  const outcomeOf = (failure: EgressFailure, sent: boolean, status: number | null = null) =>
    outcomeOfEgressError(new EgressError(failure, 'why', sent, status), NOW);

  it.each(['offline', 'dns', 'tls', 'connection', 'timeout'] as const)(
    'tries again after %s before anything was sent',
    (failure) => {
      expect(outcomeOf(failure, false)).toEqual({ outcome: 'retry', reason: failure, message: 'why' });
    },
  );

  it.each(['connection', 'timeout'] as const)('does not know after %s once something was sent', (failure) => {
    expect(outcomeOf(failure, true)).toEqual({ outcome: 'unknown', reason: failure, message: 'why' });
  });

  it('gives up on what cannot be sent', () => {
    expect(outcomeOf('address_forbidden', false)).toMatchObject({
      outcome: 'rejected',
      reason: 'address_forbidden',
    });
    expect(outcomeOf('invalid_request', false)).toMatchObject({
      outcome: 'rejected',
      reason: 'invalid_input',
    });
  });

  it('judges an endless answer by its status', () => {
    expect(outcomeOf('response_too_large', true, 500)).toMatchObject({
      outcome: 'retry',
      reason: 'server_error',
    });
    expect(outcomeOf('response_too_large', true, 404)).toMatchObject({
      outcome: 'rejected',
      reason: 'client_error',
    });
    expect(outcomeOf('response_too_large', true, 200)).toMatchObject({
      outcome: 'unknown',
      reason: 'response_too_large',
    });
  });
});

describe('sending', () => {
  it('counts a 2xx with an endless answer as delivered where the status says it all', async () => {
    const endless = fakeHttp(new EgressError('response_too_large', 'long', true, 201));
    expect(await judgeByStatus(endless, REQUEST, NOW)).toEqual({ outcome: 'delivered', httpStatus: 201 });
    expect(await sendAndJudge(endless, REQUEST, NOW)).toMatchObject({ outcome: 'unknown' });
  });

  it('leaves mistakes of our own to the caller', async () => {
    const broken = fakeHttp(new TypeError('oops'));
    await expect(judgeByStatus(broken, REQUEST, NOW)).rejects.toThrow('oops');
    await expect(sendAndJudge(broken, REQUEST, NOW)).rejects.toThrow('oops');
  });
});
