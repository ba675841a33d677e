import { type SendRequest } from '../../src/adapters/adapter.js';
import { type HttpClient, type HttpRequest, type HttpResponse } from '../../src/egress/http-client.js';
import { type MailClient } from '../../src/egress/mail-client.js';

/** What an adapter is given, with a client that fails the test where the adapter must not send. */
export function sendRequest<Options>(
  request: Partial<SendRequest<Options>> & { options: Options },
): SendRequest<Options> {
  return {
    ...{ operation: 'send', input: {}, destination: 'target', http: noHttp, mail: noMail },
    ...{
      idempotencyKey: 'aftercall-d1',
      signal: new AbortController().signal,
      timeoutMs: 2000,
      progress: null,
      mayHaveArrived: false,
      isReleased: false,
      links: { find: () => Promise.resolve(null) },
      call: { source: 'autocalls', id: '12345', contact: '+4366412345678', action: 'hot-lead.tell' },
    },
    now: Date.parse('2026-11-23T12:00:00Z'),
    event: { id: 'e1', status: 'accepted', raw: Buffer.from('{"id": 1}'), contentType: 'application/json' },
    print: () => undefined,
    kinds: new Map(),
    ...request,
  };
}

const noHttp: HttpClient = {
  send: () => Promise.reject(new Error('sent an HTTP request that it should not have')),
};
const noMail: MailClient = { send: () => Promise.reject(new Error('sent a mail that it should not have')) };

/** A client that answers from memory and keeps what it was given. */
export function fakeHttp(
  answer: Partial<HttpResponse> | Error = {},
): HttpClient & { requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    send: (request) => {
      requests.push(request);
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ status: 200, headers: {}, body: 'ok', ...answer });
    },
  };
}
