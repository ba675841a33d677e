import { createVerify, generateKeyPairSync } from 'node:crypto';
import { type Json, type JsonObject, isJsonObject } from '../../../src/lib/json.js';
import {
  answer,
  type StandIn,
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
} from './stand-in.js';

const SPREADSHEET = 'spreadsheet-1';
const EMAIL = 'calls@acme.example.com';
const TOKEN = 'ya29.hushhush';
const TOKEN_PATH = '/token';
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  ...{ modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' } },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

type Row = Json[];

/** A spreadsheet that is shared with one service account: a sheet with a column for the call at its end, and one at its start. */
function createSheets(): StandIn {
  const sheets = new Map<string, Row[]>([
    [
      'Calls',
      [
        ['name', 'summary', 'seconds', 'call_id'],
        ['Bob', 'Hung up', 3, '12344'],
      ],
    ],
    ["Bob's leads", [['id', 'name', 'summary']]],
  ]);
  return {
    records: () => [...sheets.values()].flatMap((rows) => rows.filter((row) => row.includes('12345'))),
    handle: (request) => {
      if (request.path === TOKEN_PATH) return giveToken(request);
      if (request.headers.authorization !== `Bearer ${TOKEN}`)
        return refusal(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
      return values(request, sheets);
    },
  };
}

function giveToken({ form }: StandInRequest): StandInAnswer {
  const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const isSigned = createVerify('RSA-SHA256')
    .update(`${header}.${claims}`)
    .verify(publicKey, signature, 'base64url');
  const { iss, aud, iat, exp, scope } = decode(claims);
  const isGood =
    form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
    decode(header).alg === 'RS256' &&
    iss === EMAIL &&
    typeof aud === 'string' &&
    aud.endsWith(TOKEN_PATH) &&
    scope === 'https://www.googleapis.com/auth/spreadsheets' &&
    Number(exp) - Number(iat) <= 3_600;
  if (isSigned && isGood)
    return answer(200, { access_token: TOKEN, expires_in: 3_599, token_type: 'Bearer' });
  return answer(400, { error: 'invalid_grant', error_description: 'Invalid JWT' });
}

function decode(part: string): JsonObject {
  const read = JSON.parse(Buffer.from(part, 'base64url').toString()) as Json;
  return isJsonObject(read) ? read : {};
}

/** `'Sheet'!range`, and `:append` where a row is added. */
const VALUES = /^\/v4\/spreadsheets\/([^/]+)\/values\/([^/]+?)(:append)?$/;

function values(request: StandInRequest, sheets: Map<string, Row[]>): StandInAnswer {
  const [, spreadsheet, range = '', append] = VALUES.exec(request.path) ?? [];
  if (spreadsheet !== SPREADSHEET) return refusal(404, 'NOT_FOUND', 'Requested entity was not found.');
  const whole = decodeURIComponent(range);
  const [, quoted, cells = ''] = /^(?:'((?:[^']|'')+)'!)?([A-Z\d:]+)$/.exec(whole) ?? [];
  const name = quoted?.replaceAll("''", "'") ?? 'Calls';
  const rows = sheets.get(name);
  if (rows === undefined || cells === '')
    return refusal(400, 'INVALID_ARGUMENT', `Unable to parse range: ${whole}`);
  if (append !== undefined && request.method === 'POST') return appendTo(rows, name, request);
  return answer(200, { range: whole, majorDimension: 'ROWS', values: cellsOf(rows, cells) });
}

/** A row by its number, or a column by its letter. */
function cellsOf(rows: Row[], cells: string): Row[] {
  if (cells === '1:1') return rows.slice(0, 1);
  const index = cells.charCodeAt(0) - 65;
  return rows.map((row) => row.slice(index, index + 1));
}

function appendTo(rows: Row[], name: string, { query, json }: StandInRequest): StandInAnswer {
  // Google takes others as well, and makes formulas of texts then.
  if (query.get('valueInputOption') !== 'RAW')
    return refusal(400, 'INVALID_ARGUMENT', "'valueInputOption' is required but not specified");
  const unknown = Object.keys(isJsonObject(json ?? null) ? (json as JsonObject) : {}).find(
    (field) => !['majorDimension', 'values', 'range'].includes(field),
  );
  if (unknown !== undefined)
    return refusal(400, 'INVALID_ARGUMENT', `Invalid JSON payload received. Unknown name "${unknown}"`);
  const given = isJsonObject(json ?? null) ? (json as JsonObject).values : null;
  const [row] = Array.isArray(given) ? given : [];
  if (!Array.isArray(row) || row.some((cell) => isJsonObject(cell) || Array.isArray(cell)))
    return refusal(400, 'INVALID_ARGUMENT', 'Invalid values[0]: list_value');
  if (row.some((cell) => typeof cell === 'string' && cell.length > 50_000))
    return refusal(400, 'INVALID_ARGUMENT', 'Your input contains more than the maximum of 50000 characters');
  rows.push(row);
  const updatedRange = `'${name}'!A${rows.length}:D${rows.length}`;
  const updates = { spreadsheetId: SPREADSHEET, updatedRange, updatedRows: 1 };
  return answer(200, { spreadsheetId: SPREADSHEET, updates });
}

const refusal = (code: number, status: string, message: string) =>
  answer(code, { error: { code, message, status } });

const name = '{{ input_variables.customer_name }}';
const summary = '{{ extracted_variables.summary }}';

export const standIn: StandInKind = {
  kind: 'google_sheets',
  create: createSheets,
  options: (url) => ({
    ...{ client_email: EMAIL, private_key: privateKey, spreadsheet_id: SPREADSHEET, sheet: 'Calls' },
    ...{ base_url: url, token_url: `${url}${TOKEN_PATH}` },
  }),
  cases: [
    {
      ...{ name: 'append_row by the names of columns', operation: 'append_row' },
      with: { values: { name, summary, seconds: '{{ duration }}' } },
    },
    {
      ...{ name: 'append_row as a list', operation: 'append_row', fixed: ['sheet', 'key_column'] },
      with: { values: [name, summary], sheet: "Bob's leads", key_column: 'id' },
    },
  ],
  throttled: {
    answer: {
      status: 429,
      body: {
        error: {
          code: 429,
          message:
            "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'",
          status: 'RESOURCE_EXHAUSTED',
        },
      },
    },
    afterMs: 60_000,
  },
  rejected: {
    answer: {
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'This would exceed the limit of 10000000 cells.',
          status: 'INVALID_ARGUMENT',
        },
      },
    },
    words: 'exceed the limit of 10000000 cells',
  },
  unauthorized: {
    status: 401,
    body: {
      error: {
        code: 401,
        message: 'Request had invalid authentication credentials.',
        status: 'UNAUTHENTICATED',
      },
    },
  },
  isLogin: ({ path }) => path === TOKEN_PATH,
  // Formulas are what a sheet makes of texts, and it does so by `valueInputOption`, which is the same for all.
  marksOf: () => [],
};
