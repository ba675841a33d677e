/**
 * Bounds of one rendering. Liquid's own limits are co-operative, so everything known to dodge them is bounded
 * as well: what goes into a filter, how far a range may reach, how deep tags nest. All but the last count work
 * instead of time, so that the same template and call always end the same way; together they keep the worst
 * rendering below half a second.
 */
export const LIMITS = {
  /** Characters of one template. */
  templateLength: 65_536,
  /** Tags inside tags. */
  depth: 50,
  /** Characters that one rendering may put out: 64 KiB. */
  outputLength: 65_536,
  /** Characters that filters may read and make, list entries counted as several. */
  memory: 8_388_608,
  /** Outputs, pieces of text, tags and filters that are executed. */
  steps: 20_000,
  /** Characters of a text that goes into a filter; a transcript of several hours has about 400,000. */
  textLength: 1_048_576,
  /** Entries of a list that goes into a filter or comes out of `split`. */
  listLength: 10_000,
  /** Entries of a range such as `(1..5)`. */
  rangeLength: 1_000,
  /** Milliseconds; only reached when all counting has failed. */
  time: 500,
} as const;
