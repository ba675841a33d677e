import { type JsonObject } from '../../../src/lib/json.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const CLIENT = { client_id: 'calls', client_secret: 'hushhush-client' };
const BASIC = `Basic ${Buffer.from('calls:hushhush').toString('base64')}`;
const LOGINS = ['Bearer hushhush-token', 'Bearer hushhush-access', BASIC];

/** An application that remembers idempotency keys, as receivers of webhooks should. */
function createReceiver(): StandIn {
  const records = new Map<string, JsonObject>();
  return {
    records: () => [...records.values()],
    handle: (request) => {
      if (request.path === '/token') return giveToken(request);
      const { authorization = '', 'idempotency-key': key } = request.headers;
      if (!LOGINS.includes(authorization)) return answer(401, { error: 'who are you?' });
      if (key === undefined) return answer(400, { error: 'no Idempotency-Key' });
      if (request.json === undefined) return answer(422, { error: 'no JSON' });
      const record = records.get(key) ?? {
        id: `r${records.size + 1}`,
        path: request.path,
        body: request.json,
      };
      records.set(key, record);
      return answer(200, { data: record });
    },
  };
}

function giveToken({ method, form }: StandInRequest): StandInAnswer {
  const isClient =
    form.get('client_id') === CLIENT.client_id && form.get('client_secret') === CLIENT.client_secret;
  if (method !== 'POST' || form.get('grant_type') !== 'client_credentials')
    return answer(400, { error: 'unsupported_grant_type' });
  if (!isClient) return answer(401, { error: 'invalid_client' });
  return answer(200, { access_token: 'hushhush-access', token_type: 'Bearer', expires_in: 3600 });
}

const body = { name: '{{ input_variables.customer_name }}', city: '{{ lead.variables.city }}', seconds: 5 };

export const standIn: StandInKind = {
  kind: 'http',
  create: createReceiver,
  options: (url) => ({ url: `${url}/app`, auth: { bearer: 'hushhush-token' } }),
  cases: [
    { name: 'the event as it came in', operation: 'send', with: {} },
    {
      ...{ name: 'a body of its own, and a field of the answer', operation: 'send' },
      with: { body, response: { id: 'data.id', none: 'data.nowhere' } },
    },
    {
      ...{ name: 'a path, a query and a header, with a password', operation: 'send', fixed: ['method'] },
      options: { auth: { username: 'calls', password: 'hushhush' } },
      with: {
        ...{ method: 'PUT', path: 'calls/{{ id }}', query: { city: '{{ lead.variables.city }}' } },
        ...{ headers: { 'X-Name': '{{ input_variables.customer_name }}' }, body },
      },
    },
    {
      ...{ name: 'a body with an access token', operation: 'send', with: { body } },
      options: { auth: { oauth2: { token_url: 'http://127.0.0.1:9/token', ...CLIENT } } },
    },
  ],
  throttled: {
    answer: answer(429, { error: 'slow down' }, { 'retry-after': '7' }),
    afterMs: 7_000,
  },
  rejected: { answer: answer(422, { error: 'no such calendar' }), words: 'no such calendar' },
  unauthorized: answer(401, { error: 'who are you?' }),
  isLogin: ({ path }) => path === '/token',
  // JSON has no mark-up; what a receiver makes of a text is its own affair.
  marksOf: () => [],
};
