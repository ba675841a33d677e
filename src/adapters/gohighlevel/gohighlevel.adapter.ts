import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { defineAdapter, type SendRequest } from '../adapter.js';
import { checkDue } from '../due-time.js';
import { type Exchange, makeAttempt, type Receipt, refuse } from '../exchange.js';
import { addTags, addTagsInput, checkUpsertContact, upsertContact, upsertContactInput } from './contact.js';
import { goHighLevelApi } from './gohighlevel-api.js';
import { type GoHighLevelOptions, options } from './gohighlevel-options.js';
import { inspectGoHighLevel } from './inspect.js';
import { addNote, addNoteInput } from './note.js';
import { upsertOpportunity, upsertOpportunityInput } from './opportunity.js';
import { createTask, createTaskInput } from './task.js';
import { startWorkflow, startWorkflowInput } from './workflow.js';

const receiptOf = (what: string) => z.strictObject({ id: z.string().describe(`Id of the ${what}`) });
const RATE = '100 requests in 10 s and 200,000 a day for each app and location: rate: 5/s';

export const adapter = defineAdapter({
  kind: 'gohighlevel',
  description:
    'Writes contacts, notes, tasks, tags and opportunities to GoHighLevel, and starts its workflows.',
  options,
  operations: {
    upsert_contact: {
      description: 'Creates a contact or updates the one with the same e-mail address or phone number',
      input: upsertContactInput,
      audience: 'system',
      receipt: receiptOf('contact'),
      isOrdered: () => true,
      check: checkUpsertContact,
      repeat: 'An upsert may be repeated; tags that are there are not added again',
      limits: [RATE],
    },
    add_note: {
      description: 'Adds a note to a contact, or rewrites the one of the same call',
      input: addNoteInput,
      audience: 'system',
      receipt: receiptOf('note'),
      repeat: 'The notes of the contact are listed first, and what the same call left is rewritten',
      limits: ['Body is cut at 60,000 characters'],
    },
    create_task: {
      description: 'Creates a task for a contact, or rewrites the one of the same call',
      input: createTaskInput,
      audience: 'system',
      receipt: receiptOf('task'),
      check: ({ due }) => checkDue(due),
      repeat: 'The tasks of the contact are listed first, and what the same call left is rewritten',
      limits: ['Title is cut at 255 characters, body at 60,000'],
    },
    add_tags: {
      description: 'Adds tags to a contact',
      input: addTagsInput,
      audience: 'system',
      repeat: 'A tag that is there is not added again',
    },
    upsert_opportunity: {
      description: "Creates a contact's opportunity in a pipeline or updates it",
      input: upsertOpportunityInput,
      audience: 'system',
      receipt: receiptOf('opportunity'),
      isOrdered: () => true,
      repeat: 'An upsert may be repeated: a contact has one opportunity in a pipeline',
      limits: ['Name is cut at 255 characters'],
    },
    start_workflow: {
      description: 'Adds a contact to a workflow, once for a call',
      input: startWorkflowInput,
      audience: 'system',
      ifUnknown: 'hold',
      repeat: 'Without an answer it is held for a person, since the workflow may have begun',
      limits: ['Starts whatever the workflow does, also messages to the contact, and passes no contact gate'],
    },
  },
  addresses: ({ base_url: base }) => [new URL(base).hostname],
  inspect: inspectGoHighLevel,
  send,
});

type Steps = (exchange: Exchange, options: GoHighLevelOptions) => Promise<Receipt>;

const STEPS = new Map<string, Steps>([
  ['upsert_contact', upsertContact],
  ['add_note', addNote],
  ['create_task', createTask],
  ['add_tags', addTags],
  ['upsert_opportunity', upsertOpportunity],
  ['start_workflow', startWorkflow],
]);

function send(request: SendRequest<GoHighLevelOptions>): Promise<AttemptOutcome> {
  const { operation, options: to } = request;
  return makeAttempt(request, goHighLevelApi(to), (exchange) => {
    const steps = STEPS.get(operation) ?? (() => refuse(`there is no operation ${operation}`));
    return steps(exchange, to);
  });
}
