import { z } from 'zod';
import { type Operation } from '../../adapters/adapter.js';
import { CONTACT_CHANGES, type ContactChange, isContactChange } from '../../domain/contact-list.js';
import { isJsonObject, type JsonObject } from '../../lib/json.js';
import { type ActionContent } from '../../rules/rule.js';
import { describeUnknownName } from '../schema/describe-issue.js';
import { parseAs } from '../schema/parse-as.js';
import { contactChangeSchema } from '../schema/rule-file.js';
import { type ActionPlace } from './action-place.js';
import { addIssues } from './context.js';
import { type PlacedAction } from './needs.js';

/** `do: contact.stop` or `contact.allow`: no destination, and nothing to say but its id. */
export function isContactChangeAction(content: unknown): content is JsonObject & { do: ContactChange } {
  return isJsonObject(content) && typeof content.do === 'string' && isContactChange(content.do);
}

export function checkContactChange(
  content: JsonObject & { do: ContactChange },
  place: ActionPlace,
): PlacedAction | null {
  const { file, path, findings, waiting } = place;
  const known = Object.keys(contactChangeSchema.shape);
  const others = Object.keys(content).filter((key) => !known.includes(key));
  for (const key of others) findings.error(file, [...path, key], notForChanges(key, content.do), 'key');
  if (waiting !== null)
    findings.error(
      file,
      [...path, 'do'],
      `takes effect when the call is stored and cannot wait; put it under then, of a rule that fires when it should`,
    );
  const own = { id: content.id, do: content.do };
  const parsed = parseAs(contactChangeSchema, own);
  if (!parsed.ok) addIssues(findings, file, path, parsed.issues);
  if (!parsed.ok) return null;
  return { path, operation: CHANGE, action: changeContent(parsed.data) };
}

/** Whether an action is a misspelt change, which is told here: that it has no destination would lead astray. */
export function hintAtContactChange(content: unknown, { file, path, findings }: ActionPlace): boolean {
  if (!isJsonObject(content) || content.to !== undefined) return false;
  if (typeof content.do !== 'string' || !/^contact\./i.test(content.do)) return false;
  const message = describeUnknownName('change of a contact', content.do, [...CONTACT_CHANGES]);
  findings.error(file, [...path, 'do'], message);
  return true;
}

function notForChanges(key: string, change: ContactChange): string {
  if (key === 'to') return `is not for ${change}, which needs no destination: it is done here; take it out`;
  if (key === 'only_if')
    return `is not for ${change}, which takes effect when the call is stored, before anything is due; put the condition into match or when of the rule`;
  return `is not for ${change}, which takes effect when the call is stored; expected id and do only`;
}

/** For those that need it: it leaves nothing that they could use. */
const CHANGE: Operation = {
  description: 'Puts the contact on the list of those that nothing may reach, or takes it off',
  input: z.strictObject({}),
  audience: 'system',
};

function changeContent({ id, do: change }: z.output<typeof contactChangeSchema>): ActionContent {
  return {
    ...{ id, to: '', do: change, with: {}, needs: [] },
    ...{ onlyIf: null, ifMissing: null, onRevision: 'refresh', ifUnknown: null },
    ...{ retryWaitsMs: null, timeoutMs: null, ordered: null },
  };
}
