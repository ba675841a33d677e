import { z } from 'zod';
import { DELIVERY_STATES } from '../../domain/delivery.js';
import { retrySchema, timeout } from './main-file.js';
import { duration, json, labels, name, schemaVersion, text, wait } from './fields.js';

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

/** `{ match, when }`, either or both. What stands inside is checked by the rule language itself. */
export const conditionSchema = z
  .strictObject({ match: json.optional(), when: json.optional() })
  .refine(({ match, when }) => match !== undefined || when !== undefined, 'expected match, when or both');

export const toSchema = z.union([
  text.describe('Name of a destination.'),
  z.strictObject({
    table: text.describe('Name of a table whose values are destinations.'),
    key: text.describe('Template that gives the key.'),
    default: text
      .optional()
      .describe('Destination when the table has no such key. Left out: the delivery is held.'),
  }),
]);

/** A time that somebody asked for. */
const at = z.strictObject({
  time: text.describe(
    'Template that gives the time: ISO, or words such as "tomorrow at 5 pm", counted from the call.',
  ),
  zone: text
    .default('contact')
    .describe('Whose clock is meant: contact (default), campaign, or a zone such as Europe/Vienna.'),
  if_past: z.enum(['now', 'skip', 'hold']).default('now').describe('When that time is over.'),
  if_unreadable: z.enum(['hold', 'skip', 'now']).default('hold').describe('When it is no time.'),
  at_most: duration.default(30 * 86_400_000).describe('What lies further ahead is held. Default 30 days.'),
});

const timing = {
  after: wait.optional().describe('How long after the call was received: 45m, 3 days, 2 business days.'),
  at: at.optional().describe('In place of after: at the time that was asked for.'),
  during: z
    .union([text.transform((one) => [one]), z.array(text).min(1)])
    .optional()
    .describe("Calendars, or campaign (the hours of the call's campaign): the first that exists counts."),
  cancel_when: z
    .strictObject({
      later_call: conditionSchema
        .optional()
        .describe('A condition on a later call of the same contact; paths are those of that call.'),
      rule_fired: name.optional().describe('This rule fired on a later call of the same contact.'),
    })
    .refine(
      ({ later_call, rule_fired }) => later_call !== undefined || rule_fired !== undefined,
      'expected later_call, rule_fired or both',
    )
    .optional()
    .describe('What takes it back: looked at when a later call arrives, and again when it is due.'),
  if_late: z
    .enum(['now', 'next_window', 'drop'])
    .optional()
    .describe(
      'When it is found long after its time, because nothing ran: next_window (default), now or drop.',
    ),
  late_after: duration.optional().describe('From how long after its time that counts as late. Default 4h.'),
};

export const actionSchema = z.strictObject({
  id: name.describe('Unique in the rule.'),
  to: toSchema,
  do: text.optional().describe('Operation; may be left out where the kind has one default.'),
  with: z
    .record(z.string(), json)
    .default({})
    .describe('Input of the operation; every text is a Liquid template.'),
  only_if: conditionSchema.optional().describe('Looked at when the delivery is due; false: skipped.'),
  if_missing: z.enum(['hold', 'mark', 'omit', 'empty']).optional(),
  ...timing,
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
    then: z.array(z.unknown()).optional(),
  })
  .refine(({ match, when }) => match !== undefined || when !== undefined, {
    message: 'has no condition; expected match, when or both (match: everything for every call)',
    when: ({ value }) => isMapping(value),
  })
  .refine(({ then, stop }) => stop || (then !== undefined && !isEmptyList(then)), {
    message: 'has no actions; expected then: with at least one (or stop: true)',
    when: ({ value }) => isMapping(value),
  });
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

const call = z.record(z.string(), json);
const changes = {
  set: z.record(z.string(), json).default({}).describe('Values by path, laid over the call.'),
  unset: z.array(text).default([]).describe('Paths taken out of the call.'),
};
const oneOf = ({ fixture, call: content }: { fixture?: unknown; call?: unknown }) =>
  (fixture === undefined) !== (content === undefined);

const pastCall = z
  .strictObject({ fixture: text.optional(), call: call.optional(), ...changes })
  .refine(oneOf, 'expected either fixture or call');

const given = z
  .strictObject({
    fixture: text.optional().describe('Name of a sample call, such as autocalls/completed-campaign.'),
    call: call.optional(),
    ...changes,
    source: name.optional().describe('Source the call comes from. Default: the first.'),
    earlier: z.array(pastCall).default([]).describe('Calls before it.'),
  })
  .refine(oneOf, 'expected either fixture or call');

const paths = z.record(name, z.array(text));
const expectedAction = z.strictObject({
  to: text.optional(),
  kind: text.optional(),
  do: text.optional(),
  state: z.enum(DELIVERY_STATES).optional(),
  due_at: text.optional(),
  with: json.optional(),
  reason: z.union([z.string(), z.null()]).optional(),
});

export const ruleTestSchema = z.strictObject({
  name: text,
  given,
  at: z
    .string()
    .refine(isTime, 'expected a time with its zone, such as 2025-01-15T11:35:00+01:00')
    .optional()
    .describe('When the call is received. Default: now.'),
  expect: z.strictObject({
    fired: z.array(name).optional().describe('Exactly these rules.'),
    not_fired: z.array(name).optional(),
    undecided: paths.optional().describe('Missing paths by rule.'),
    because: paths.optional().describe('Paths named by a decision, whatever its verdict.'),
    actions: z.record(z.string(), expectedAction).optional().describe('By rule.action.'),
    later: z
      .record(
        z.string(),
        z.string().refine(isTime, 'expected a time with its zone, such as 2025-01-15T11:35:00+01:00'),
      )
      .optional()
      .describe('When an action is due, by rule.action.'),
  }),
});
export type RuleTestContent = z.output<typeof ruleTestSchema>;

function isTime(written: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(written) && !Number.isNaN(Date.parse(written));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
