import { type Json, type JsonObject, isJsonObject } from '../../lib/json.js';
import { cleanText } from '../colleague-message.js';
import { cutText } from '../cut-text.js';
import { type Exchange, refuse } from '../exchange.js';

/** A sheet of a spreadsheet, and the names in its first row. */
export interface Table {
  spreadsheet: string;
  sheet: string | undefined;
  columns: string[];
}

/** Address below the API of the values in a range, e.g. `A1` or `C:C`; without a sheet it is of the first one. */
export function valuesPath({ spreadsheet, sheet }: Omit<Table, 'columns'>, range: string): string {
  const whole = sheet === undefined ? range : `'${sheet.replaceAll("'", "''")}'!${range}`;
  return `/${encodeURIComponent(spreadsheet)}/values/${encodeURIComponent(whole)}`;
}

export async function readTable(exchange: Exchange, place: Omit<Table, 'columns'>): Promise<Table> {
  const { json } = await exchange.read({ path: valuesPath(place, '1:1') });
  const [columns = []] = rowsIn(json);
  return { ...place, columns: columns.map((name) => name.trim()) };
}

/** Rows as texts; Google leaves out empty cells at the end, and `values` where there is nothing. */
export function rowsIn(json: Json): string[][] {
  const rows = isJsonObject(json) && Array.isArray(json.values) ? json.values : [];
  return rows.map((row) => (Array.isArray(row) ? row.map((cell) => textOf(cell)) : []));
}

/** Where the key goes. Without a first column Google would shift the row to where its table begins. */
export function keyIndexOf({ columns, sheet = 'the first sheet' }: Table, keyColumn: string): number {
  const index = columns.indexOf(keyColumn);
  if (index === -1)
    refuse(`the first row of ${sheet} has no column ${keyColumn}; add one for the id of the call`);
  if (columns[0] === '')
    refuse(`the first row of ${sheet} begins with an empty cell; give its first column a name`);
  return index;
}

/** The row that is written: what stands in the list, from the left, or what is mapped to the names of columns. */
export function rowOf(table: Table, keyIndex: number, key: string, values: Json[] | JsonObject): Json[] {
  if (Array.isArray(values)) {
    const row = values.map((value) => cellOf(value));
    while (row.length < keyIndex) row.push('');
    return [...row.slice(0, keyIndex), key, ...row.slice(keyIndex)];
  }
  const unknown = unknownColumns(table.columns, values);
  if (unknown.length > 0) refuse(`the first row has no column ${unknown.join(', ')}`);
  return table.columns.map((name, i) => (i === keyIndex ? key : cellOf(values[name] ?? null)));
}

export function unknownColumns(columns: string[], values: JsonObject): string[] {
  return Object.keys(values).filter((name) => !columns.includes(name));
}

/** Google refuses a longer cell, and with it the row. */
const MAX_CELL = 50_000;

function cellOf(value: Json): Json {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return cutText(cleanText(textOf(value)), MAX_CELL);
}

function textOf(value: Json): string {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map((item) => textOf(item)).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `0` is `A`, `26` is `AA`. */
export function letterOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : letterOf(Math.floor(index / 26) - 1) + letter;
}
