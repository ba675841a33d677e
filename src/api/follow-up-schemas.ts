import { type JsonObject } from '../lib/json.js';
import { count, flag, id, listOf, nullable, page, record, schema, text, time, word } from './schema-parts.js';

const scope = { ...text, description: 'client; empty where contacts.scope is not configured' };
const fingerprint = { ...text, description: 'fingerprint of a rule set' };
const contact = { ...text, description: 'a phone number, or a mail address' };

const stop = { since: time, reason: { ...text, description: 'who or what asked for it' } };

const words = { ...listOf(text), description: 'parts that differ, in the words of rule files' };
const change = { change: word(['added', 'removed', 'changed']), what: words };

const waiting = { ...count, description: 'follow-ups that wait' };
const outcomes = {
  unchanged: { ...count, description: 'the same by either rules' },
  changed: { ...count, description: 'planned still, another way' },
  gone: { ...count, description: 'not planned any more' },
  stays: { ...count, description: 'can go on by the rules that planned them only' },
};

const example = {
  id,
  contact: nullable(text),
  due_at: nullable({ ...time, description: 'null while it waits for another action of its rule' }),
  is: word(['changed', 'gone', 'stays']),
  why: { ...text, description: 'parts of its action that differ, or why it is gone or stays' },
  new_due_at: nullable({ ...time, description: 'by the rules looked at; null where it would not be due' }),
};

/** Answers about what is due later, whom it is for, and the rules that planned it. @param delivery properties of any delivery */
export function followUpSchemas(delivery: JsonObject) {
  return {
    FollowUp: record({ ...delivery, contact: nullable(text), scope, rule_set: fingerprint }),
    FollowUpPage: page('FollowUp'),
    Contact: record({
      contact,
      scope,
      stopped: {
        oneOf: [record(stop), { type: 'null' }],
        description: 'null: it may be reached',
      },
      calls: count,
      missed: count,
      last_status: nullable({ ...text, description: 'of its last call' }),
      last_at: nullable(time),
      open_follow_ups: waiting,
      follow_ups: { ...listOf(schema('FollowUp')), description: 'the next first, at most 100' },
    }),
    ContactChange: record({
      contact,
      scope,
      stopped: { ...flag, description: 'as it is now' },
      changed: { ...flag, description: 'false: it was so already' },
      canceled: { ...listOf(schema('Delivery')), description: 'what waited and was taken back' },
    }),
    TimelineEntry: {
      oneOf: [
        record({ is: word(['event']), at: time, event: schema('Event') }),
        record({ is: word(['delivery']), at: time, delivery: schema('Delivery') }),
      ],
    },
    TimelinePage: page('TimelineEntry'),
    Stop: record({ contact, scope, ...stop }),
    StopPage: page('Stop'),
    RulePlan: record({
      rule_set: fingerprint,
      compared_with: nullable(fingerprint),
      rules: listOf(record({ rule: text, ...change, actions: listOf(record({ action: text, ...change })) })),
      waiting,
      follow_ups: listOf(
        record({ rule: text, action: text, waiting, ...outcomes, examples: listOf(record(example)) }),
      ),
    }),
    AppliedRules: record({
      rule_set: fingerprint,
      count: { ...count, description: 'follow-ups that were changed' },
      migrated: count,
      canceled: count,
      kept: { ...count, description: 'left to the rules that planned them' },
    }),
  };
}
