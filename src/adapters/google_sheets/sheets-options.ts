import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { secret } from '../adapter.js';

/** Options of a destination of kind `google_sheets`. */
export const options = z.strictObject({
  client_email: z.string().min(1).describe('client_email of the service account'),
  private_key: secret(z.string().min(1)).describe('private_key of the service account, a PEM'),
  spreadsheet_id: z
    .string()
    .min(1)
    .describe('Id of the spreadsheet, as in its address, unless the action names one'),
  sheet: z.string().min(1).optional().describe('Name of the sheet; left out: the first one'),
  key_column: z
    .string()
    .min(1)
    .default('call_id')
    .describe('Name, in the first row, of the column that holds the id of the call'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://sheets.googleapis.com')
    .describe('Stands in for https://sheets.googleapis.com'),
  token_url: z
    .url({ protocol: /^https?$/ })
    .default('https://oauth2.googleapis.com/token')
    .describe('Stands in for https://oauth2.googleapis.com/token'),
});

export type SheetsOptions = z.output<typeof options>;

/** Environment variables often hold the line ends of the key as `\n`, as the JSON file does. */
export function keyOf({ private_key: key }: SheetsOptions): string {
  return key.replaceAll('\\n', '\n');
}

export function checkOptions(given: SheetsOptions): { path: string; problem: string }[] {
  try {
    createPrivateKey(keyOf(given));
    return [];
  } catch {
    const problem =
      'is no private key; expected the PEM text of private_key in the JSON of the service account';
    return [{ path: 'private_key', problem }];
  }
}
