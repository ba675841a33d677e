import { holds } from './check-history.js';
import { type Outcome, type PlacedRow, type Scale } from './row.js';

/** A row with what it came to. */
export interface RowResult {
  row: PlacedRow;
  outcome: Outcome;
  /** The last run of the wrong program. */
  control: Outcome;
  /** The checker found nothing in the right program, and something in the wrong one. */
  proves: boolean;
}

/** A wrong program may be lucky; three times in a row it is not. */
const CONTROL_TRIES = 3;
/** The load and the program under it keep about one core busy. */
const AT_ONCE = 2;

export async function runRow(row: PlacedRow, scale: Scale): Promise<RowResult> {
  const outcome = await row.run(scale);
  let control = await row.control.run(scale);
  for (let tries = 1; tries < CONTROL_TRIES && isClean(control); tries += 1)
    control = await row.control.run(scale);
  return { row, outcome, control, proves: holds(outcome.findings) && !isClean(control) };
}

/** What a control may not do: it has to lose, to double or to break a promise that can be seen. */
function isClean({ findings }: Outcome): boolean {
  return holds(findings);
}

/** Starts the rows in their order, two at a time; each result can be awaited by itself. */
export function runRows(rows: readonly PlacedRow[], scale: Scale): Promise<RowResult>[] {
  const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve());
  return rows.map((row, index) => {
    const lane = index % AT_ONCE;
    const result = (lanes[lane] ?? Promise.resolve()).then(() => runRow(row, scale));
    // Whoever awaits the result hears of a failure; the next row does not.
    lanes[lane] = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  });
}
