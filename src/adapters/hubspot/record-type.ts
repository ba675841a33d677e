/** Names in paths of the API. Deals go by their number, as in HubSpot's own specification. */
export const RECORD_TYPES = {
  contact: 'contacts',
  company: 'companies',
  deal: '0-3',
  call: 'calls',
  note: 'notes',
  task: 'tasks',
} as const;
export type RecordType = keyof typeof RECORD_TYPES;

const ACTIVITIES: readonly RecordType[] = ['call', 'note', 'task'];

/** The property that says when a record was made. */
export function creationOf(type: RecordType): string {
  return ACTIVITIES.includes(type) ? 'hs_createdate' : 'createdate';
}
