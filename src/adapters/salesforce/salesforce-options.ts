import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { secret } from '../adapter.js';

export const nameInput = z
  .string()
  .regex(
    /^[A-Za-z]\w{0,254}$/,
    'is no API name; expected letters, digits and underscores, e.g. Phone_Key__c',
  );

/** Options of a destination of kind `salesforce`. */
export const options = z.strictObject({
  login_url: z
    .url({ protocol: /^https?$/ })
    .describe(
      'My Domain, https://<name>.my.salesforce.com; with a private_key also https://login.salesforce.com',
    ),
  client_id: z.string().min(1).describe('Consumer key of the app'),
  client_secret: secret(z.string().min(1).optional()).describe(
    'Consumer secret of the app, for the client credentials flow',
  ),
  username: z.string().min(1).optional().describe('With private_key: the user to act as'),
  private_key: secret(z.string().min(1).optional()).describe(
    'Private RSA key in PEM, of the certificate uploaded to the app, for the JWT bearer flow',
  ),
  api_version: z
    .string()
    .regex(/^\d{2,3}\.0$/, 'is no version; expected one such as "62.0", quoted')
    .default('62.0')
    .describe('Version of the REST API, quoted; default "62.0"'),
  task_external_id_field: nameInput
    .optional()
    .describe('Unique External ID field of Task (text, 255) that takes the key of the call'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('In place of the address that the login names, for proxies and tests'),
});

export type SalesforceOptions = z.output<typeof options>;

interface Problem {
  path: string;
  problem: string;
}

export function checkOptions(given: SalesforceOptions): Problem[] {
  const { client_secret, username, private_key } = given;
  if (client_secret !== undefined && (username !== undefined || private_key !== undefined))
    return problem(
      'client_secret',
      'stands beside username or private_key; give client_secret, or both of these',
    );
  if (client_secret !== undefined) return checkMyDomain(given);
  if (private_key === undefined)
    return problem('client_secret', 'is missing; give client_secret, or username and private_key');
  if (username === undefined) return problem('username', 'is missing; private_key needs the user to act as');
  return isPrivateKey(private_key) ? [] : problem('private_key', 'is no private RSA key in PEM');
}

/** The general addresses know no client credentials. */
function checkMyDomain({ login_url }: SalesforceOptions): Problem[] {
  if (!/^(login|test)\.salesforce\.com$/i.test(new URL(login_url).hostname)) return [];
  return problem(
    'login_url',
    'knows no client credentials; expected My Domain, https://<name>.my.salesforce.com',
  );
}

function problem(path: string, words: string): Problem[] {
  return [{ path, problem: words }];
}

/** Variables of the environment often hold the line breaks of a key as `\n`. */
export function pemOf(text: string): string {
  return text.replace(/\\n/g, '\n');
}

function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(pemOf(text)).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
