import { sign } from 'node:crypto';
import { type TokenRequest } from '../access-token.js';
import { endAttempt } from '../exchange.js';
import { pemOf, type SalesforceOptions } from './salesforce-options.js';

/** Salesforce takes assertions that end within five minutes at most; its clock may be behind. */
const ASSERTION_S = 180;

/** How an access token is asked for: client credentials, or an assertion signed with the private key. */
export function loginRequest(options: SalesforceOptions, now: number): TokenRequest {
  const { login_url, client_id, client_secret, username = '', private_key = '' } = options;
  return {
    url: `${login_url.replace(/\/+$/, '')}/services/oauth2/token`,
    account: [client_id, client_secret ?? '', username, private_key],
    form: (): Record<string, string> =>
      client_secret === undefined
        ? { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertionOf(options, now) }
        : { grant_type: 'client_credentials', client_id, client_secret },
  };
}

function assertionOf(
  { login_url, client_id, username, private_key }: SalesforceOptions,
  now: number,
): string {
  const head = encode({ alg: 'RS256', typ: 'JWT' });
  const exp = Math.floor(now / 1_000) + ASSERTION_S;
  const claims = encode({ iss: client_id, sub: username ?? '', aud: audienceOf(login_url), exp });
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), pemOf(private_key ?? ''));
  return `${head}.${claims}.${signature.toString('base64url')}`;
}

/** Of My Domain, too, the audience is the general address; sandboxes have one of their own. */
function audienceOf(loginUrl: string): string {
  const { hostname } = new URL(loginUrl);
  const isSandbox = hostname === 'test.salesforce.com' || hostname.includes('.sandbox.');
  return isSandbox ? 'https://test.salesforce.com' : 'https://login.salesforce.com';
}

function encode(part: Record<string, string | number>): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** Where the account lives, as the login says. The token goes there, so it must be a plain https address. */
export function instanceOf(instanceUrl: unknown): string {
  const url = typeof instanceUrl === 'string' && URL.canParse(instanceUrl) ? new URL(instanceUrl) : null;
  if (url?.protocol === 'https:' && url.hostname !== '' && url.username === '' && url.password === '')
    return url.origin;
  return endAttempt({
    ...{ outcome: 'unauthorized', reason: 'unauthorized' },
    message:
      'the login names no https address of the account (instance_url); check login_url, or give base_url',
  });
}
