import { z } from 'zod';
import { type JsonObject } from '../../lib/json.js';

const recordId = z.string().regex(/^\d{1,15}$/, 'is no id; expected digits, e.g. "{{ actions.crm.id }}"');

/** What a call, an activity or a note may hang on. */
export const anchorFields = {
  person: recordId.optional().describe('Id of the person, e.g. "{{ actions.crm.id }}"'),
  organization: recordId.optional().describe('Id of the organization'),
  deal: recordId.optional().describe('Id of the deal'),
  lead: z.uuid().optional().describe('Id of the lead, a UUID'),
};

export const owner = recordId
  .optional()
  .describe('Id of the user who owns it; default: the user of the token');

/** Names of the inputs in Pipedrive's API. */
const API_NAMES = { person: 'person_id', organization: 'org_id', deal: 'deal_id', lead: 'lead_id' } as const;
type Anchor = keyof typeof API_NAMES;

export type AnchorIds = Partial<Record<(typeof API_NAMES)[Anchor], number | string>>;

/** Under the names of the API; all but the id of a lead are numbers there. */
export function anchorsOf(input: JsonObject): AnchorIds {
  const anchors: AnchorIds = {};
  for (const [anchor, name] of Object.entries(API_NAMES)) {
    const id = input[anchor];
    if (typeof id === 'string') anchors[name] = anchor === 'lead' ? id : Number(id);
  }
  return anchors;
}

/** The one by which a list is asked for: whatever hangs on all of them hangs on this. */
export function firstAnchor(input: JsonObject): AnchorIds {
  const [first] = Object.entries(anchorsOf(input));
  return first === undefined ? {} : { [first[0]]: first[1] };
}

export function numberIn(input: JsonObject, name: string): number | undefined {
  const id = input[name];
  return typeof id === 'string' && id !== '' ? Number(id) : undefined;
}

/** Undefined where the input gives none. */
export function textIn(input: JsonObject, name: string): string | undefined {
  const text = input[name];
  return typeof text === 'string' && text !== '' ? text : undefined;
}
