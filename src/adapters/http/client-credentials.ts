import { type AttemptOutcome } from '../../domain/attempt.js';
import { AccessTokens, type TokenRequest } from '../access-token.js';
import { type Inspection, type InspectRequest, type SendRequest } from '../adapter.js';
import { endAttempt, makeAttempt } from '../exchange.js';
import { inspectWith } from '../inspect-with.js';
import { type ClientCredentials, type HttpOptions } from './http-options.js';

const tokens = new AccessTokens();
/** Requests are built by hand here: an exchange knows no bytes of events. */
const NO_API = { base: '', headers: () => ({}) };

/** Sends with an access token; once more, with a new one, where the receiver refuses the one that was kept. */
export function withAccessToken(
  request: SendRequest<HttpOptions>,
  client: ClientCredentials,
  send: (token: string) => Promise<AttemptOutcome>,
): Promise<AttemptOutcome> {
  const wanted = tokenRequest(client);
  const once = async () => send((await tokens.find(request, wanted)).token);
  return makeAttempt(request, NO_API, async () => {
    const first = await once();
    if (first.outcome !== 'unauthorized') return endAttempt(first);
    tokens.forget(wanted);
    return endAttempt(await once());
  });
}

/** Whether the client is given a token. What the receiver itself takes cannot be asked without sending something. */
export function inspectClient(
  request: InspectRequest<HttpOptions>,
  client: ClientCredentials,
): Promise<Inspection> {
  const wanted = tokenRequest(client);
  return inspectWith(request, NO_API, async () => {
    tokens.forget(wanted);
    await tokens.find(request, wanted);
    return { account: client.client_id, problems: [] };
  });
}

function tokenRequest({
  token_url: url,
  client_id: id,
  client_secret: key,
  scope,
}: ClientCredentials): TokenRequest {
  return {
    url,
    account: [id, key, scope ?? ''],
    form: () => ({
      ...{ grant_type: 'client_credentials', client_id: id, client_secret: key },
      ...(scope !== undefined && { scope }),
    }),
  };
}
