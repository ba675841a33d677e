import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type SendRequest, defineAdapter } from '../adapter.js';
import { checkDue } from '../due-time.js';
import { type Exchange, makeAttempt, type Receipt, refuse } from '../exchange.js';
import { createActivity, createActivityInput } from './activity.js';
import { logCall, logCallInput } from './call-log.js';
import { createDeal, createDealInput } from './deal.js';
import { inspectPipedrive } from './inspect.js';
import { addNote, addNoteInput } from './note.js';
import { upsertPerson, upsertPersonInput } from './person.js';
import { pipedriveApi } from './pipedrive-api.js';
import { type PipedriveOptions, options } from './pipedrive-options.js';

const receiptOf = (what: string) =>
  z.strictObject({ id: z.string().describe(`Id of the ${what} in Pipedrive`) });

const CUT = 'Subjects, titles and names are cut at 255 characters, notes at 32,000';

export const adapter = defineAdapter({
  kind: 'pipedrive',
  description: 'Keeps persons, calls, activities, deals and notes in Pipedrive.',
  options,
  operations: {
    upsert_person: {
      description: 'Updates the person with this e-mail address or phone number, or creates one',
      input: upsertPersonInput,
      audience: 'system',
      receipt: receiptOf('person'),
      isOrdered: () => true,
      repeat: 'Searched for by e-mail, own link and phone before one is created',
      limits: ['Ten searches in two seconds', CUT],
    },
    log_call: {
      description: 'Logs the call, or updates subject and note of the one logged for it',
      input: logCallInput,
      audience: 'system',
      receipt: receiptOf('call log'),
      isOrdered: () => true,
      repeat: 'Own link; after an unknown outcome it is looked for in the list of calls',
      limits: [CUT],
    },
    create_activity: {
      description: 'Creates an activity such as a call or a task, once for a call',
      input: createActivityInput,
      audience: 'system',
      receipt: receiptOf('activity'),
      isOrdered: () => true,
      check: ({ due }) => checkDue(due),
      repeat: 'Own link; after an unknown outcome it is looked for in the list of activities',
      limits: [CUT],
    },
    create_deal: {
      description: 'Creates a deal in a stage of a pipeline, once for a call',
      input: createDealInput,
      audience: 'system',
      receipt: receiptOf('deal'),
      isOrdered: () => true,
      repeat: 'Own link; after an unknown outcome it is looked for in the list of deals',
      limits: [CUT],
    },
    add_note: {
      description:
        'Adds a note to a person, organization, deal or lead, or updates the one added for the same call',
      input: addNoteInput,
      audience: 'system',
      receipt: receiptOf('note'),
      isOrdered: () => true,
      repeat: 'Own link; after an unknown outcome it is looked for in the list of notes',
      limits: [CUT],
    },
  },
  addresses: ({ base_url: base }) => [new URL(base).hostname],
  inspect: inspectPipedrive,
  send,
});

const STEPS: Record<string, (exchange: Exchange) => Promise<Receipt>> = {
  upsert_person: upsertPerson,
  log_call: logCall,
  create_activity: createActivity,
  create_deal: createDeal,
  add_note: addNote,
};

function send(request: SendRequest<PipedriveOptions>): Promise<AttemptOutcome> {
  const steps = STEPS[request.operation];
  return makeAttempt(request, pipedriveApi(request.options), (exchange) =>
    steps === undefined ? refuse(`there is no operation ${request.operation}`) : steps(exchange),
  );
}
