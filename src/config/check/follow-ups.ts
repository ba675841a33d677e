import { nearest } from '../../lib/nearest.js';
import { type ActionFile } from '../schema/rule-file.js';
import { type ActionPlace, checkTemplateText } from './action-place.js';
import { checkConditionAt } from './conditions.js';

/** How often an action happens and in what company: `once_per`, `on_repeat`, `call_tries` and `digest`. */
export function checkRepeating(action: ActionFile, place: ActionPlace): void {
  const { path, missing } = place;
  if (action.once_per !== undefined) checkOncePer(action.once_per, place);
  checkOnRepeat(action, place);
  const until = action.call_tries?.until;
  if (until) checkConditionAt(until, missing, { ...place, path: [...path, 'call_tries', 'until'] });
  if (action.digest !== undefined) checkDigest(action, place);
}

const KEYS = ['contact', 'rule'];

function checkOncePer(oncePer: NonNullable<ActionFile['once_per']>, place: ActionPlace): void {
  const { file, findings } = place;
  const path = [...place.path, 'once_per'];
  const keys = Object.keys(oncePer);
  if (keys.length !== 1) {
    const message = `expected one entry, such as { contact: 14 days }, got ${keys.length}`;
    findings.error(file, path, message);
  }
  for (const key of keys) {
    if (key.includes('{{')) checkTemplateText(key, [...path, key], place, 'key');
    else if (!KEYS.includes(key)) findings.error(file, [...path, key], unknownKey(key), 'key');
  }
}

function unknownKey(key: string): string {
  const near = key.includes('.') ? `"{{ ${key} }}"` : nearest(key, KEYS);
  const hint = near === null ? '' : `; did you mean ${near}?`;
  return `"${key}" does not say what is counted; expected contact, rule or a template such as "{{ lead.id }}"${hint}`;
}

function checkOnRepeat(action: ActionFile, { file, path, findings, waiting }: ActionPlace): void {
  const mayWait = waiting !== null || action.after !== undefined || action.at !== undefined;
  if (action.on_repeat === undefined || mayWait || action.during !== undefined) return;
  findings.error(
    file,
    [...path, 'on_repeat'],
    'is for actions of which one may still wait; add after, at or during, or use once_per',
    'key',
  );
}

/** Why a digest and another key contradict each other. */
const AGAINST_DIGEST = {
  after: 'a digest has its own times; take after out',
  at: 'a digest has its own times; take at out',
  call_tries: 'a digest is one message for many calls, and calls nobody; take one of the two out',
  on_repeat: 'a digest collects every one of them; take on_repeat out',
  cancel_when: 'cancel_when is not asked of what is told in one message; take one of the two out',
} as const;

function checkDigest(action: ActionFile, { file, path, findings, waiting }: ActionPlace): void {
  const refuse = (message: string) => findings.error(file, [...path, 'digest'], message, 'key');
  for (const key of ['after', 'at', 'call_tries', 'on_repeat', 'cancel_when'] as const)
    if (action[key] !== undefined) refuse(AGAINST_DIGEST[key]);
  if (action.needs.length > 0)
    refuse('what a needed action leaves is not there for a digest; take needs out');
  if (waiting !== null) refuse('a digest has its own times, and actions under else wait for theirs already');
}
