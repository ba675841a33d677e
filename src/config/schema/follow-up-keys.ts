import { z } from 'zod';
import { type Wait } from '../../lib/duration.js';
import { conditionSchema, duration, fieldPath, mappingLike, name, text, wait } from './fields.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A time that somebody asked for. */
const at = z.strictObject(
  {
    time: text.describe(
      'Template that gives the time: ISO, or words such as "tomorrow at 5 pm", counted from the call.',
    ),
    zone: text
      .default('contact')
      .describe('Whose clock is meant: contact (default), campaign, or a zone such as Europe/Vienna.'),
    if_past: z.enum(['now', 'skip', 'hold']).default('now').describe('When that time is over.'),
    if_unreadable: z.enum(['hold', 'skip', 'now']).default('hold').describe('When it is no time.'),
    at_most: duration.default(30 * DAY_MS).describe('What lies further ahead is held. Default 30 days.'),
  },
  mappingLike("{ time: '{{ extracted_variables.callback_at }}' }"),
);

const during = z
  .union([text.transform((one) => [one]), z.array(text).min(1)])
  .optional()
  .describe("Calendars, or campaign (the hours of the call's campaign): the first that exists counts.");

/** When an action is due, and what takes it back. */
export const timingKeys = {
  after: wait
    .optional()
    .describe('How long after the call was received: 45m, 3 days, 2 business days, 4 business hours.'),
  at: at.optional().describe('In place of after: at the time that was asked for.'),
  during,
  cancel_when: z
    .strictObject(
      {
        later_call: conditionSchema
          .optional()
          .describe('A condition on a later call of the same contact; paths are those of that call.'),
        rule_fired: name.optional().describe('This rule fired on a later call of the same contact.'),
      },
      mappingLike('{ rule_fired: booked }'),
    )
    .refine(({ later_call, rule_fired }) => later_call !== undefined || rule_fired !== undefined, {
      message: 'expected later_call, rule_fired or both',
      when: ({ issues }) => issues.length === 0,
    })
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

/** Something that a clock has to reach first: shorter ones would be done at once, which is not what was meant. */
const realWait = wait.refine((written) => isAMinute(written), 'expected at least 1m');

function isAMinute(written: Wait): boolean {
  return written.in === 'business_days' ? written.days > 0 : written.ms >= MINUTE_MS;
}

const positive = duration.refine((ms) => ms > 0, 'expected more than 0');

/** How often it happens, for whom, and in what company. */
export const repeatKeys = {
  once_per: z
    .record(z.string(), positive, mappingLike('{ contact: 14 days }'))
    .meta({ minProperties: 1, maxProperties: 1 })
    .optional()
    .describe(
      'At most once in a time: { contact: 14 days }, { rule: 14 days } over all contacts, or for what a template gives: { "{{ lead.id }}": 14 days }.',
    ),
  on_repeat: z
    .enum(['skip', 'replace', 'extend', 'queue', 'parallel'])
    .optional()
    .describe(
      'When one of the same rule, action and contact still waits. Default: replace with at, skip with after, parallel under else.',
    ),
  audience: z
    .enum(['contact', 'staff'])
    .optional()
    .describe(
      'For whom an operation is that calls or texts. contact (default); staff: quiet hours, stops and limits do not apply, and every number is fixed text or comes from a table.',
    ),
  call_tries: z
    .strictObject(
      {
        max: z.int().min(2).max(20).describe('Calls in all, the first included.'),
        counting: z
          .literal('ours')
          .default('ours')
          .describe('Which calls count: ours (default), those that this action made.'),
        every: realWait.describe('How long after one try the next is due, within during.'),
        until: conditionSchema
          .optional()
          .describe('A condition on a later call of the same contact, after which no further try is made.'),
      },
      mappingLike('{ max: 3, every: 4h }'),
    )
    .optional()
    .describe('Tries of one call.'),
  digest: z
    .strictObject(
      {
        every: duration
          .refine((ms) => ms >= MINUTE_MS && ms <= 7 * DAY_MS, 'expected 1m to 7d')
          .describe('How often what was collected goes out, from 1m to 7d.'),
        by: fieldPath
          .optional()
          .describe(
            'Path of a field of the call, e.g. lead.campaign.id: what differs there goes out by itself.',
          ),
      },
      mappingLike('{ every: 15 minutes }'),
    )
    .optional()
    .describe('Collects into one message; its texts use digest.items and digest.count.'),
};

/** `expect:` of a rule; its actions are checked one by one afterwards. */
export const expectSchema = z.strictObject({
  within: realWait.describe('How long after the call: 30m, 2 business hours, 1 business day.'),
  call: conditionSchema
    .optional()
    .describe('A condition on a later call of the same contact. Left out: any later call will do.'),
  during: during.describe(
    'Calendars, or campaign, by which business hours and days are counted and in which the actions are due.',
  ),
  else: z
    .array(z.unknown())
    .min(1)
    .describe('What is done when no such call came in time: actions as under then.'),
});
