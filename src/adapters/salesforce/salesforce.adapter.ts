import { z } from 'zod';
import { type AttemptOutcome } from '../../domain/attempt.js';
import { defineAdapter, type SendRequest } from '../adapter.js';
import { checkDue } from '../due-time.js';
import { type Exchange, makeAttempt, type Receipt, refuse } from '../exchange.js';
import { inspectSalesforce } from './inspect.js';
import { salesforceApi } from './salesforce-api.js';
import { checkOptions, options, type SalesforceOptions } from './salesforce-options.js';
import { createTaskInput, logCallInput } from './task-input.js';
import { createTask, logCall } from './task.js';
import { checkUpsert, upsert, upsertInput } from './upsert.js';

const receiptOf = (what: string) => z.strictObject({ id: z.string().describe(`Id of the ${what}`) });
const TASK_LIMITS = ['Subject is cut at 255 characters, description at 32,000'];

export const adapter = defineAdapter({
  kind: 'salesforce',
  description: 'Writes records of any object to Salesforce, logs calls and creates tasks.',
  options,
  operations: {
    upsert: {
      description: 'Creates a record of any object or updates the one with the same External ID',
      input: upsertInput,
      audience: 'system',
      receipt: receiptOf('record'),
      isOrdered: () => true,
      check: checkUpsert,
      repeat: 'An upsert by External ID may be repeated',
      limits: ['Requests of the org in 24 hours, which are used by everything that is connected to it'],
    },
    log_call: {
      description: 'Logs the call as a completed task, or rewrites the one of the same call',
      input: logCallInput,
      audience: 'system',
      receipt: receiptOf('task'),
      repeat:
        'With task_external_id_field an upsert; else the id is kept, and the task is looked for before it is made again',
      limits: TASK_LIMITS,
    },
    create_task: {
      description: 'Creates a task, or rewrites the one of the same call',
      input: createTaskInput,
      audience: 'system',
      receipt: receiptOf('task'),
      check: ({ due }) => checkDue(due),
      repeat:
        'With task_external_id_field an upsert; else the id is kept, and the task is looked for before it is made again',
      limits: TASK_LIMITS,
    },
  },
  checkOptions,
  addresses: ({ login_url: login, base_url: base }) =>
    [login, base].flatMap((url) => (url === undefined ? [] : [new URL(url).hostname])),
  inspect: inspectSalesforce,
  send,
});

type Steps = (exchange: Exchange, options: SalesforceOptions) => Promise<Receipt>;

const STEPS = new Map<string, Steps>([
  ['upsert', upsert],
  ['log_call', logCall],
  ['create_task', createTask],
]);

function send(request: SendRequest<SalesforceOptions>): Promise<AttemptOutcome> {
  const { operation, options: to } = request;
  return makeAttempt(request, salesforceApi(request), (exchange) => {
    const steps = STEPS.get(operation) ?? (() => refuse(`there is no operation ${operation}`));
    return steps(exchange, to);
  });
}
