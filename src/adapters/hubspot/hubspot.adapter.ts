import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { type SendRequest, defineAdapter } from '../adapter.js';
import { checkDue } from '../due-time.js';
import { type Exchange, makeAttempt, type Receipt, refuse } from '../exchange.js';
import { createNoteInput, createTaskInput, logCallInput } from './activity-input.js';
import { upsertContact, upsertContactInput } from './contact.js';
import { createDeal, createDealInput } from './deal.js';
import { hubspotApi } from './hubspot-api.js';
import { type HubSpotOptions, options } from './hubspot-options.js';
import { inspectHubSpot } from './inspect.js';
import { logCall } from './log-call.js';
import { createNote, createTask } from './note-and-task.js';

const receiptOf = (what: string) =>
  z.strictObject({ id: z.string().describe(`Id of the ${what} in HubSpot`) });

const LOOKED_FOR = 'Own link; after an unknown outcome it is searched for by its time, text and association';
const CUT = 'Longer than 65,536 characters is cut';

export const adapter = defineAdapter({
  kind: 'hubspot',
  description: 'Keeps contacts, calls, notes, tasks and deals in HubSpot.',
  options,
  operations: {
    upsert_contact: {
      description: 'Updates the contact with this e-mail address or phone number, or creates it',
      input: upsertContactInput,
      audience: 'system',
      receipt: receiptOf('contact'),
      isOrdered: () => true,
      repeat: 'Upsert by e-mail or by contact_property; otherwise own link, then search by phone',
      limits: ['About 4 searches a second and account', CUT],
    },
    log_call: {
      description: 'Logs the call as an engagement, or updates the one logged for it',
      input: logCallInput,
      audience: 'system',
      receipt: receiptOf('call'),
      isOrdered: () => true,
      repeat: 'Upsert by call_property; otherwise own link, then search by start and numbers',
      limits: ['The title is cut at 255 characters', CUT],
    },
    create_note: {
      description: 'Adds a note to a contact, company or deal, or updates the one added for the same call',
      input: createNoteInput,
      audience: 'system',
      receipt: receiptOf('note'),
      isOrdered: () => true,
      repeat: LOOKED_FOR,
      limits: [CUT],
    },
    create_task: {
      description: 'Creates a task, once for a call',
      input: createTaskInput,
      audience: 'system',
      receipt: receiptOf('task'),
      isOrdered: () => true,
      check: ({ due }) => checkDue(due),
      repeat: LOOKED_FOR,
      limits: ['The subject is cut at 255 characters', CUT],
    },
    create_deal: {
      description: 'Creates a deal in a stage of a pipeline, once for a call',
      input: createDealInput,
      audience: 'system',
      receipt: receiptOf('deal'),
      isOrdered: () => true,
      repeat: 'Own link; after an unknown outcome it is searched for by name, pipeline and association',
      limits: ['The name is cut at 255 characters'],
    },
  },
  addresses: ({ base_url: base }) => [new URL(base).hostname],
  inspect: inspectHubSpot,
  send,
});

const STEPS: Record<string, (exchange: Exchange, request: SendRequest<HubSpotOptions>) => Promise<Receipt>> =
  {
    upsert_contact: upsertContact,
    log_call: logCall,
    create_note: createNote,
    create_task: createTask,
    create_deal: createDeal,
  };

function send(request: SendRequest<HubSpotOptions>): Promise<AttemptOutcome> {
  const steps = STEPS[request.operation];
  return makeAttempt(request, hubspotApi(request.options), (exchange) =>
    steps === undefined ? refuse(`there is no operation ${request.operation}`) : steps(exchange, request),
  );
}
