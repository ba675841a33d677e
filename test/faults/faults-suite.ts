import { describe, expect, it } from '@jest/globals';
import { type Place } from './row.js';
import { suiteRows } from './rows.js';
import { runRow } from './run-rows.js';

const ROW_WITHIN_MS = 300_000;

/** The rows of these places in their short form, one after the other. */
export function faultsSuite(...places: Place[]): void {
  const rows = suiteRows.filter(({ place }) => places.includes(place));
  const present = rows.filter(({ missing }) => missing === null);
  const absent = rows.filter(({ missing }) => missing !== null);

  describe(`faults on ${places.join(' and ')}, in their short form`, () => {
    it.each(present.map((row) => [row.name, row.control.what, row] as const))(
      '%s loses and doubles nothing, and the checker sees what "%s" does',
      async (_name, _control, row) => {
        const { outcome, proves } = await runRow(row, 'short');
        const { lost, doubledKeyed, violations } = outcome.findings;
        expect({ lost, doubledKeyed, violations }).toEqual({ lost: [], doubledKeyed: [], violations: [] });
        expect(outcome.injected).toBeGreaterThan(0);
        expect(proves).toBe(true);
      },
      ROW_WITHIN_MS,
    );

    if (absent.length > 0)
      it.skip.each(absent.map((row) => [row.name, row.missing]))('%s: %s', () => undefined);
  });
}
