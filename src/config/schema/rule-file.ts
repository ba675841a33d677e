import { z } from 'zod';
import { CONTACT_CHANGES } from '../../domain/contact-list.js';
import { typeWords } from './describe-issue.js';
import { retrySchema, timeout } from './main-file.js';
import { conditionSchema, duration, json, labels, name, schemaVersion, text } from './fields.js';
import { expectSchema, repeatKeys, timingKeys } from './follow-up-keys.js';

const missing = z
  .enum(['undecided', 'as-null'])
  .describe(
    'undecided: a comparison with a missing value is not decided. as-null: json-logic-js itself decides.',
  );

const sources = z
  .union([z.literal('all'), z.array(name).min(1), labels], {
    error: ({ input }) =>
      typeof input === 'string'
        ? `expected all, a list of names such as [${input}], or labels such as { client: acme }`
        : undefined,
  })
  .describe('Names of sources, or labels that a source must carry, or all.');

const state = z.enum(['live', 'shadow', 'disabled']);
const maxAge = duration.describe('Calls that ended longer ago are decided, but nothing is sent.');

const toSchema = z.union(
  [
    text.describe('Name of a destination.'),
    z.strictObject({
      table: text.describe('Name of a table whose values are destinations.'),
      key: text.describe('Template that gives the key.'),
      default: text
        .optional()
        .describe('Destination when the table has no such key. Left out: the delivery is held.'),
    }),
  ],
  {
    error: ({ input }) => {
      if (input === undefined) return 'is missing; expected the name of a destination';
      return isMapping(input) || typeof input === 'string'
        ? undefined
        : `expected the name of a destination, or { table: …, key: … }, got ${typeWords(input)}`;
    },
  },
);

export const actionSchema = z.strictObject({
  id: name.describe('Unique in the rule.'),
  to: toSchema,
  do: text
    .optional()
    .describe(
      'Operation; may be left out where the kind has one default. contact.stop and contact.allow need no to.',
    ),
  with: z
    .record(z.string(), json)
    .default({})
    .describe('Input of the operation; every text is a Liquid template.'),
  only_if: conditionSchema.optional().describe('Looked at when the delivery is due; false: skipped.'),
  if_missing: z.enum(['hold', 'mark', 'omit', 'empty']).optional(),
  ...timingKeys,
  ...repeatKeys,
  on_revision: z.enum(['refresh', 'send', 'ignore']).default('refresh'),
  if_unknown: z
    .enum(['retry', 'hold'])
    .optional()
    .describe(
      'Sent, but no answer came: retry with the same key, or hold for a person. Default: hold where a person is called or texted.',
    ),
  retry: retrySchema.optional().describe('Waits between attempts. Left out: those of the destination.'),
  timeout: timeout.optional().describe('Deadline of one attempt. Left out: that of the destination.'),
  ordered: z
    .boolean()
    .optional()
    .describe(
      'true: sent after earlier ordered deliveries of the same contact to the same destination. Default: what the operation needs.',
    ),
  needs: z
    .array(name)
    .default([])
    .describe(
      'Earlier actions of this rule that must be delivered first; their results are {{ actions.<id>.… }}.',
    ),
});
export type ActionFile = z.output<typeof actionSchema>;

/** An action that is done here, when the call is stored: it takes no destination. */
export const contactChangeSchema = z.strictObject({
  id: name.describe('Unique in the rule.'),
  do: z
    .enum(CONTACT_CHANGES)
    .describe(
      'contact.stop: nothing reaches the contact of the call any more, before anything else is done. contact.allow: takes that back.',
    ),
});

/** One rule; its actions are checked one by one afterwards. */
export const ruleSchema = z
  .strictObject({
    title: z.string().optional(),
    state: state
      .optional()
      .describe('live (default), shadow (decides and renders, sends nothing) or disabled.'),
    sources: sources.optional(),
    match: json
      .optional()
      .describe('Short form: all lines must hold; a list: any of its maps; everything: every call.'),
    when: json.optional().describe('JSON Logic; with match, both must hold.'),
    missing: missing.optional(),
    max_age: maxAge.optional(),
    catch_all: z
      .boolean()
      .default(false)
      .describe('true: fires only when no live rule before it in this file fired.'),
    stop: z
      .boolean()
      .default(false)
      .describe('true: when this rule fires, later rules of this file are not evaluated.'),
    order: z.number().default(0).describe('Lower first; then position in the file.'),
    on_own_calls: z
      .enum(['ignore', 'count'])
      .default('ignore')
      .describe('What a call does that this rule caused: ignore (default): it never fires it again; count.'),
    then: z.array(z.unknown()).optional(),
    expect: expectSchema
      .optional()
      .describe('What should follow the call in time, and what is done when it does not.'),
  })
  .refine(({ match, when }) => match !== undefined || when !== undefined, {
    message: 'has no condition; expected match, when or both (match: everything for every call)',
    when: ({ value }) => isMapping(value),
  })
  .refine(
    ({ then, stop, expect }) => stop || expect !== undefined || (then !== undefined && !isEmptyList(then)),
    {
      message: 'has no actions; expected then: with at least one (or expect, or stop: true)',
      when: ({ value }) => isMapping(value),
    },
  );
export type RuleFileRule = z.output<typeof ruleSchema>;

export const ruleFileSchema = z.strictObject({
  schema: schemaVersion,
  missing: missing.optional(),
  defaults: z
    .strictObject({
      sources: sources.optional(),
      state: state.optional(),
      missing: missing.optional(),
      max_age: maxAge.optional(),
    })
    .default({})
    .describe('For every rule of this file that says nothing else.'),
  rules: z.record(name, z.unknown()).default({}),
  tests: z.array(z.unknown()).default([]),
});
export type RuleFile = z.output<typeof ruleFileSchema>;

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
