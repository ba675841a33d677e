import { z } from 'zod';
import { DELIVERY_STATES } from '../../domain/delivery.js';
import { json, name, text } from './fields.js';

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
