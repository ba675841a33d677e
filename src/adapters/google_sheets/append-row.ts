import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type Json, type JsonObject, readPath } from '../../lib/json.js';
import { type SendRequest, fieldFormat } from '../adapter.js';
import { checkReaders } from '../colleague-message.js';
import { type Exchange, makeAttempt } from '../exchange.js';
import { sheetsApi } from './sheets-api.js';
import { type SheetsOptions } from './sheets-options.js';
import { keyIndexOf, letterOf, readTable, rowOf, rowsIn, type Table, valuesPath } from './table.js';

const cell = fieldFormat(
  'any',
  z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()])), z.null()]),
);

export const appendRow = z.strictObject({
  values: fieldFormat('any', z.union([z.array(cell), z.record(z.string(), cell)])).describe(
    'Cells by the names of columns in the first row; or a list, from the left, without the key column',
  ),
  spreadsheet_id: z
    .string()
    .min(1)
    .optional()
    .describe("In place of that of the destination; fixed, or by lookup: '<table>'"),
  sheet: z
    .string()
    .min(1)
    .optional()
    .describe("Name of the sheet, in place of that of the destination; fixed, or by lookup: '<table>'"),
  key_column: z.string().min(1).optional().describe('In place of that of the destination'),
});

/** What is said on the phone must not choose where it is written to. */
export function checkAppendRow(content: JsonObject): { path: string; problem: string }[] {
  return (['spreadsheet_id', 'sheet', 'key_column'] as const).flatMap((field) =>
    checkReaders(content, field),
  );
}

/** Appends one row for the call, unless the sheet has one with its id. */
export function appendOnce(request: SendRequest<SheetsOptions>): Promise<AttemptOutcome> {
  const { options, call, idempotencyKey } = request;
  const input = appendRow.parse(request.input);
  return makeAttempt(request, sheetsApi(request), async (exchange) => {
    const table = await readTable(exchange, placeOf(options, input));
    const keyIndex = keyIndexOf(table, input.key_column ?? options.key_column);
    const key = call.id ?? idempotencyKey;
    const row = rowOf(table, keyIndex, key, input.values);
    const found = await findRow(exchange, table, keyIndex, key);
    return { id: String(found ?? (await append(exchange, table, row))) };
  });
}

export function placeOf(
  options: SheetsOptions,
  { spreadsheet_id: spreadsheet, sheet }: { spreadsheet_id?: string; sheet?: string },
): Omit<Table, 'columns'> {
  return { spreadsheet: spreadsheet ?? options.spreadsheet_id, sheet: sheet ?? options.sheet };
}

/** Number of the row that holds the key, or null. */
async function findRow(
  exchange: Exchange,
  table: Table,
  keyIndex: number,
  key: string,
): Promise<number | null> {
  const column = letterOf(keyIndex);
  const { json } = await exchange.read({
    path: valuesPath(table, `${column}:${column}`),
    // As it is, and not as the column shows it: `12345` may look like `12,345` there.
    query: { valueRenderOption: 'UNFORMATTED_VALUE' },
  });
  const index = rowsIn(json).findIndex(([cell], i) => i > 0 && cell === key);
  return index === -1 ? null : index + 1;
}

/** `RAW`: a text that looks like a formula stays a text. Rows are inserted, so nothing below is written over. */
async function append(exchange: Exchange, table: Table, row: Json[]): Promise<string> {
  const { json } = await exchange.write({
    path: `${valuesPath(table, 'A1')}:append`,
    query: { valueInputOption: 'RAW', insertDataOption: 'INSERT_ROWS' },
    json: { majorDimension: 'ROWS', values: [row] },
  });
  const range = readPath(json, 'updates.updatedRange');
  return typeof range === 'string' ? (/!\D*(\d+)/.exec(range)?.[1] ?? range) : '';
}
