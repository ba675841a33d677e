import { z } from 'zod';
import { secret } from '../adapter.js';

/** By data centre: the server that gives tokens, and the one that keeps the records. */
const DATA_CENTERS = {
  us: ['https://accounts.zoho.com', 'https://www.zohoapis.com'],
  eu: ['https://accounts.zoho.eu', 'https://www.zohoapis.eu'],
  in: ['https://accounts.zoho.in', 'https://www.zohoapis.in'],
  au: ['https://accounts.zoho.com.au', 'https://www.zohoapis.com.au'],
  ca: ['https://accounts.zohocloud.ca', 'https://www.zohoapis.ca'],
  cn: ['https://accounts.zoho.com.cn', 'https://www.zohoapis.com.cn'],
  jp: ['https://accounts.zoho.jp', 'https://www.zohoapis.jp'],
  sa: ['https://accounts.zoho.sa', 'https://www.zohoapis.sa'],
  uk: ['https://accounts.zoho.uk', 'https://www.zohoapis.uk'],
} as const;

export const nameInput = z
  .string()
  .regex(/^[A-Za-z]\w{0,99}$/, 'is no API name; expected letters, digits and underscores, e.g. Last_Name');

const address = z.url({ protocol: /^https?$/ }).optional();

/** Options of a destination of kind `zoho`. */
export const options = z.strictObject({
  client_id: z.string().min(1).describe('Client id of the self client, starts with 1000.'),
  client_secret: secret(z.string().min(1)).describe('Client secret of the self client'),
  refresh_token: secret(z.string().min(1)).describe('Refresh token with the scope ZohoCRM.modules.ALL'),
  data_center: z
    .enum(['us', 'eu', 'in', 'au', 'ca', 'cn', 'jp', 'sa', 'uk'])
    .default('us')
    .describe('Where the account lives: us (default, zoho.com), eu, in, au, ca, cn, jp, sa or uk'),
  api_version: z
    .string()
    .regex(/^v\d{1,2}(\.\d)?$/, 'is no version; expected one such as v8')
    .default('v8')
    .describe('Version of the CRM API; default v8'),
  base_url: address.describe('In place of the API server of the data centre, for proxies and tests'),
  accounts_url: address.describe('In place of the accounts server of the data centre'),
});

export type ZohoOptions = z.output<typeof options>;

export function accountsUrl({ accounts_url, data_center }: ZohoOptions): string {
  return (accounts_url ?? DATA_CENTERS[data_center][0]).replace(/\/+$/, '');
}

export function baseUrl({ base_url, data_center }: ZohoOptions): string {
  return base_url ?? DATA_CENTERS[data_center][1];
}
