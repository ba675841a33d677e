import { describe, expect, it } from '@jest/globals';
import { suiteRows } from './rows.js';
import { type RowResult, runRows } from './run-rows.js';

/** Long enough for all rows before it, on a slow machine. */
const WITHIN_MS = 600_000;

describe('faults, in their short form', () => {
  const results = new Map<string, Promise<RowResult>>();
  const startAll = () => {
    if (results.size > 0) return;
    const running = runRows(present, 'short');
    present.forEach(({ name }, index) => {
      const result = running[index] ?? Promise.reject(new Error(name));
      // Its own test reports it; until then nobody may find it unhandled.
      result.catch(() => undefined);
      results.set(name, result);
    });
  };

  const present = suiteRows.filter(({ missing }) => missing === null);
  const absent = suiteRows.filter(({ missing }) => missing !== null);

  it.each(present.map((row) => [row.name, row.control.what]))(
    '%s loses and doubles nothing, and the checker sees what "%s" does',
    async (name) => {
      startAll();
      const result = await results.get(name);
      const { lost, doubledKeyed, violations } = result?.outcome.findings ?? {};
      expect({ lost, doubledKeyed, violations }).toEqual({ lost: [], doubledKeyed: [], violations: [] });
      expect(result?.outcome.injected).toBeGreaterThan(0);
      expect(result?.proves).toBe(true);
    },
    WITHIN_MS,
  );

  if (absent.length > 0)
    it.skip.each(absent.map((row) => [row.name, row.missing]))('%s: %s', () => undefined);
});
