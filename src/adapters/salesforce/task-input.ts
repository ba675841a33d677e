import { z } from 'zod';
import { mappedFields } from '../field-mapping.js';

const idInput = z
  .string()
  .regex(
    /^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/,
    'is no id of Salesforce; expected 15 or 18 letters and digits',
  );

const common = {
  who: idInput.optional().describe('Id of the contact or lead, e.g. "{{ actions.crm.id }}"'),
  what: idInput
    .optional()
    .describe('Id of the account, opportunity or other record; not together with a lead'),
  description: z.string().optional().describe('Comments, as plain text'),
  owner: idInput.optional().describe('Id of the user it is assigned to; default: the user of the app'),
  fields: mappedFields.optional().describe('Further fields of Task by their API names'),
};

export const logCallInput = z.strictObject({
  subject: z.string().min(1).default('Call').describe('Subject; default "Call"'),
  duration: z.number().min(0).optional().describe('Length in seconds, e.g. "{{ duration }}"'),
  direction: z.enum(['inbound', 'outbound']).optional().describe('inbound or outbound'),
  result: z.string().optional().describe('Result of the call, e.g. "{{ status }}"'),
  date: z
    .string()
    .optional()
    .describe('Day of the call, e.g. "{{ created_at }}"; default: when it is logged'),
  ...common,
});

export const createTaskInput = z.strictObject({
  subject: z.string().min(1).describe('What is to be done'),
  due: z
    .string()
    .default('1 day')
    .describe('A date, a time of which the date counts, or how long from now; default 1 day'),
  priority: z
    .string()
    .optional()
    .describe('Priority as the org names it, e.g. High; default: that of the org'),
  status: z.string().optional().describe('Status as the org names it; default: that of the org'),
  ...common,
});
