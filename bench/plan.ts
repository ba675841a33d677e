import pg, { type Client } from 'pg';
import { type Runner } from '../src/store/postgres/pipeline.js';

/** A query as it went to the server. */
export interface Asked {
  /** Of the prepared statement; undefined for one that is made for one use. */
  name?: string;
  text: string;
  values: unknown[];
}

/** What matters of one node of a plan. */
interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Node[];
}

export interface Plan {
  /** A line per node, indented. */
  lines: string[];
  /** Of 8 kB, that were looked at. */
  pages: number;
  indexes: string[];
  /** Whole tables read, large sorts, rows that were read in vain: what grows with the table. */
  doubts: string[];
}

/** Rows that one answer may cost; more would grow with the table. */
const MANY_ROWS = 5_000;

/** Passes queries on and keeps what was asked. */
export function recording(client: Client): { runner: Runner; asked: Asked[] } {
  const asked: Asked[] = [];
  const query = (question: Asked) => {
    asked.push(question);
    return client.query({ ...question });
  };
  return { runner: { query } as unknown as Runner, asked };
}

/** Runs it once more; a prepared statement with the plan that the server chose for it by now. */
export async function explain(client: Client, { name, text, values }: Asked): Promise<Plan> {
  const how = 'explain (analyze, buffers, timing off, format json)';
  const query =
    name === undefined ? { text: `${how} ${text}`, values } : { text: `${how} ${execute(name, values)}` };
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node; JIT?: object }] }>(query);
  const [top] = rows[0]?.['QUERY PLAN'] ?? [];
  if (top === undefined) throw new Error('the server gave no plan');
  const { 'Shared Hit Blocks': hit, 'Shared Read Blocks': read } = top.Plan;
  const plan: Plan = { lines: [], pages: hit + read, indexes: [], doubts: [] };
  walk(top.Plan, 0, plan);
  if (top.JIT !== undefined) plan.doubts.push('compiled');
  return plan;
}

function execute(name: string, values: readonly unknown[]): string {
  const literals = values.map((value) =>
    value === null ? 'null' : Buffer.isBuffer(value) ? `'\\x${value.toString('hex')}'` : literal(value),
  );
  return `execute ${pg.escapeIdentifier(name)}${literals.length > 0 ? `(${literals.join(', ')})` : ''}`;
}

const literal = (value: unknown): string =>
  pg.escapeLiteral(
    Array.isArray(value) ? `{${value.map((one) => JSON.stringify(one)).join(',')}}` : String(value),
  );

function walk(node: Node, depth: number, plan: Plan): void {
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index } = node;
  const rows = node['Actual Rows'] * node['Actual Loops'];
  const removed = (node['Rows Removed by Filter'] ?? 0) * node['Actual Loops'];
  const what = [type, table, index].filter((part) => part !== undefined).join(' ');
  plan.lines.push(
    `${'  '.repeat(depth)}${what}: ${rows} rows${removed > 0 ? `, ${removed} removed` : ''}, ` +
      `${node['Shared Hit Blocks']} pages hit, ${node['Shared Read Blocks']} read`,
  );
  if (index?.startsWith('pg_') === false && !plan.indexes.includes(index)) plan.indexes.push(index);
  if (type === 'Seq Scan' && rows + removed > 1_000) plan.doubts.push(`reads all of ${table}`);
  else if (removed > MANY_ROWS) plan.doubts.push(`${removed} rows of ${table ?? type} read in vain`);
  if (/Sort|Hash$|Aggregate/.test(type) && rowsBelow(node) > MANY_ROWS)
    plan.doubts.push(`${type} of ${rowsBelow(node)} rows`);
  for (const below of node.Plans ?? []) walk(below, depth + 1, plan);
}

function rowsBelow({ Plans: plans = [] }: Node): number {
  return plans.reduce((sum, node) => sum + node['Actual Rows'] * node['Actual Loops'], 0);
}
