import { z } from 'zod';
import { fieldFormat } from '../adapter.js';
import { mappedFields } from '../field-mapping.js';
import { anchorFields } from './associations.js';

const time = z.string().optional();
export const further = mappedFields.optional().describe('Further properties by their internal names');
export const owner = z
  .string()
  .regex(/^\d{1,20}$/, 'is no owner id; expected digits')
  .optional()
  .describe('Id of the owner in HubSpot');

export const logCallInput = z.strictObject({
  ...anchorFields,
  title: z.string().min(1).default('Call').describe('Title of the call; default "Call"'),
  body: fieldFormat('html', z.string().optional()).describe(
    'What was said, as text or HTML; give the summary',
  ),
  duration: z.number().min(0).optional().describe('Length in seconds, e.g. "{{ duration }}"'),
  status: z.string().optional().describe('Status of the call as it came in: "{{ status }}"'),
  direction: z.enum(['inbound', 'outbound']).default('outbound').describe('outbound (default) or inbound'),
  from: fieldFormat('phone', z.string().optional()).describe('Number that called'),
  to: fieldFormat('phone', z.string().optional()).describe('Number that was called'),
  time: time.describe('Start of the call, e.g. "{{ created_at }}"; default: when it is logged'),
  recording_url: z.string().optional().describe('Link to the recording; left out unless given'),
  owner,
  properties: further,
});

export const createNoteInput = z
  .strictObject({
    ...anchorFields,
    body: fieldFormat('html', z.string().min(1)).describe('The note, as text or HTML'),
    time: time.describe('Where it stands in the timeline; default: when it is made'),
    owner,
    properties: further,
  })
  .refine(
    ({ contact, company, deal }) => [contact, company, deal].some((id) => id !== undefined),
    'needs contact, company or deal',
  );

export const createTaskInput = z.strictObject({
  ...anchorFields,
  subject: z.string().min(1).describe('Subject of the task'),
  body: fieldFormat('html', z.string().optional()).describe('Notes of the task, as text or HTML'),
  due: time.describe(
    'When it is to be done: a date, a time, or a wait such as 1 day; default: when it is made',
  ),
  priority: z.enum(['low', 'medium', 'high']).optional().describe('low, medium or high; default none'),
  type: z.enum(['todo', 'call', 'email']).default('todo').describe('todo (default), call or email'),
  owner,
  properties: further,
});
