import { createHash } from 'node:crypto';
import { type CopyDatabase } from './copy-database.js';
import { COPIED_TABLES } from './copy-tables.js';
import { copyQueries } from './queries/copy-queries.js';
import { COPY_DONE, COPY_SOURCE } from './queries/copy-queries.js';
import { StoreRefusedError } from './store.js';

/** What stands in the settings of a database that rows are copied into. */
interface CopyMarker {
  /** Made of what the source begins with. */
  id: string;
  /** Place of the source. */
  from: string;
  /** ISO 8601; when it began or, once it is done, when it ended. */
  at: string;
}

/**
 * Makes sure that the target holds nothing but what an earlier run has copied from this source, and marks it as not yet
 * whole. Answers whether there was an earlier run. @throws {StoreRefusedError}
 */
export async function claimTarget(source: CopyDatabase, target: CopyDatabase, now: number): Promise<boolean> {
  const queries = copyQueries(target.dialect);
  const id = await identify(source);
  const done = await readMarker(target, COPY_DONE);
  if (done !== null)
    throw new StoreRefusedError(
      `${target.place}: a copy of ${done.from} was finished in it on ${done.at}; take an empty database`,
    );
  const begun = await readMarker(target, COPY_SOURCE);
  if (begun !== null) return refuseOther(begun, id, target.place);
  for (const table of COPIED_TABLES)
    if ((await target.run(queries.any(table))).length > 0)
      throw new StoreRefusedError(
        `${target.place}: there are ${table.name} in it that were not copied from ${source.place}; ` +
          'take an empty database',
      );
  const marker: CopyMarker = { id, from: source.place, at: new Date(now).toISOString() };
  await target.run(queries.putMarker(COPY_SOURCE, JSON.stringify(marker)));
  return false;
}

/** The target is whole and may be used. */
export async function markDone(target: CopyDatabase, now: number): Promise<void> {
  const queries = copyQueries(target.dialect);
  const begun = await readMarker(target, COPY_SOURCE);
  if (begun === null)
    throw new StoreRefusedError(`${target.place}: somebody has removed the mark of the copy`);
  const marker: CopyMarker = { ...begun, at: new Date(now).toISOString() };
  await target.run(queries.replaceMarker(COPY_SOURCE, COPY_DONE, JSON.stringify(marker)));
}

/** @param marker value of the setting {@link COPY_SOURCE}; null where there is none @throws {StoreRefusedError} */
export function refuseUnfinished(place: string, marker: string | null): void {
  if (marker === null) return;
  const { from } = JSON.parse(marker) as CopyMarker;
  throw new StoreRefusedError(
    `${place}: a copy of ${from} into this database is unfinished; run the same \`aftercall store copy\` again, ` +
      'it goes on where it stopped',
  );
}

function refuseOther(begun: CopyMarker, id: string, place: string): true {
  if (begun.id === id) return true;
  throw new StoreRefusedError(
    `${place}: an unfinished copy of ${begun.from} is in it, which is another source or has changed since; ` +
      'take an empty database',
  );
}

async function readMarker(target: CopyDatabase, key: string): Promise<CopyMarker | null> {
  const [row] = await target.run(copyQueries(target.dialect).marker(key));
  return typeof row?.[0] === 'string' ? (JSON.parse(row[0]) as CopyMarker) : null;
}

/** Its first event and its first rule set; nothing that can be read back. */
async function identify(source: CopyDatabase): Promise<string> {
  const queries = copyQueries(source.dialect);
  const rows = [await source.run(queries.firstEvent()), await source.run(queries.firstRuleSet())];
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 32);
}
