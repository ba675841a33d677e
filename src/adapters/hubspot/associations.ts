import { z } from 'zod';
import { type JsonObject } from '../../lib/json.js';
import { type RecordType } from './record-type.js';

/** What an activity or a deal may hang on. */
export const ANCHORS = ['contact', 'company', 'deal'] as const;
export type Anchor = (typeof ANCHORS)[number];

const recordId = z
  .string()
  .regex(/^\d{1,20}$/, 'is no record id; expected digits, e.g. "{{ actions.crm.id }}"');

export const anchorFields = {
  contact: recordId.optional().describe('Id of the contact, e.g. "{{ actions.crm.id }}"'),
  company: recordId.optional().describe('Id of the company'),
  deal: recordId.optional().describe('Id of the deal'),
};

export interface Association {
  to: { id: string };
  types: { associationCategory: string; associationTypeId: number }[];
}

/** HubSpot's own numbers, from the type of the row to that of the column. A deal's company is its primary one. */
const TYPE_IDS: Partial<Record<RecordType, Partial<Record<Anchor, number>>>> = {
  call: { contact: 194, company: 182, deal: 206 },
  note: { contact: 202, company: 190, deal: 214 },
  task: { contact: 204, company: 192, deal: 216 },
  deal: { contact: 3, company: 5 },
};

/** The records that the input names, as `[type, id]`. */
export function anchorsOf(input: JsonObject): [Anchor, string][] {
  return ANCHORS.flatMap((anchor): [Anchor, string][] => {
    const id = input[anchor];
    return typeof id === 'string' ? [[anchor, id]] : [];
  });
}

/** For the same request that makes the record. */
export function associationsOf(from: RecordType, input: JsonObject): Association[] {
  return anchorsOf(input).flatMap(([anchor, id]): Association[] => {
    const associationTypeId = TYPE_IDS[from]?.[anchor];
    if (associationTypeId === undefined) return [];
    return [{ to: { id }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }] }];
  });
}
