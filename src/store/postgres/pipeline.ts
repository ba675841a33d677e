import { type Client } from 'pg';
import { decodeRow, type SqlValue } from '../statement.js';
import { type Query, type Work } from '../work.js';
import { isAfterAnother } from './postgres-errors.js';

/** The few parts of a client that running needs. */
export type Runner = Pick<Client, 'query'>;

/** Names of prepared statements; a statement is prepared once for each connection. */
const names = new WeakMap<Query['statement'], string>();
let lastName = 0;

function nameOf(statement: Query['statement']): string | undefined {
  if (statement.once) return undefined;
  let name = names.get(statement);
  if (name === undefined) names.set(statement, (name = `s${(lastName += 1)}`));
  return name;
}

/** Runs one work, waiting between its steps. */
export async function runWork<Result>(client: Runner, work: Work<Result>): Promise<Result> {
  let step = work.next();
  while (step.done !== true) step = work.next(await sendAll(client, step.value));
  return step.value;
}

/**
 * Runs works side by side on one connection: what each of them asks next goes out together, so that a batch costs as
 * many round trips as its longest work has steps. Only for works that do not touch the same rows.
 */
export async function runTogether<Result>(client: Runner, works: readonly Work<Result>[]): Promise<Result[]> {
  const results: Result[] = [];
  const steps = works.map((work) => work.next());
  for (;;) {
    const asked = steps.map((step) => (step.done === true ? [] : step.value));
    if (asked.every((queries) => queries.length === 0) && steps.every(({ done }) => done === true)) break;
    const rows = await sendAll(client, asked.flat());
    let offset = 0;
    works.forEach((work, index) => {
      const count = asked[index]?.length ?? 0;
      if (steps[index]?.done !== true) steps[index] = work.next(rows.slice(offset, offset + count));
      offset += count;
    });
  }
  for (const step of steps) if (step.done === true) results.push(step.value);
  return results;
}

/** Sends all at once and waits for all, so that nothing of it is still on its way when this throws the first error. */
export async function sendAll(client: Runner, queries: readonly Query[]): Promise<unknown[][]> {
  const settled = await Promise.allSettled(queries.map((query) => send(client, query)));
  const errors = settled.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
  if (errors.length > 0) throw errors.find((error) => !isAfterAnother(error)) ?? errors[0];
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : []));
}

async function send(client: Runner, { statement, args }: Query): Promise<unknown[]> {
  const values = statement.bind(args as never).map(toParameter);
  const prepared = { name: nameOf(statement), text: statement.sql, values };
  const { rows } = await client.query<Record<string, unknown>>(prepared);
  rows.forEach(decodeRow);
  return rows;
}

/** Bytes that are a view of a larger buffer would go out whole. */
function toParameter(value: SqlValue): unknown {
  if (!(value instanceof Uint8Array) || Buffer.isBuffer(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
