import { type FollowUpView } from '../replay/follow-up-views.js';
import { actionName, targetName } from './describe-deliveries.js';
import { type Writing } from './describe-delivery.js';
import { printable } from './print.js';
import { whyLater } from './reason-words.js';
import { paintedTable } from './state-colours.js';
import { timeWords } from './time-words.js';

const HEADING = ['FOLLOW-UP', 'DUE', 'CONTACT', 'ACTION', 'WHY'];

/** A list as a person reads it, the next one first. */
export function describeFollowUps(
  followUps: readonly FollowUpView[],
  { colours, now, indent }: Omit<Writing, 'flags'> & { indent?: string },
): string {
  const rows = byDueTime(followUps).map((followUp) => ({
    cells: cellsOf(followUp, now).map(printable),
    paint: (text: string) => text,
  }));
  return paintedTable(HEADING, rows, colours, indent);
}

/** What waits for something else than a time stands last. */
function byDueTime(followUps: readonly FollowUpView[]): FollowUpView[] {
  const dueAt = ({ due_at }: FollowUpView) => (due_at === null ? Infinity : Date.parse(due_at));
  return [...followUps].sort((a, b) => (dueAt(a) === dueAt(b) ? 0 : dueAt(a) - dueAt(b)));
}

function cellsOf(followUp: FollowUpView, now: number): string[] {
  const { id, due_at, contact, reason } = followUp;
  const due = due_at === null ? '-' : timeWords(due_at, now);
  const action = `${actionName(followUp)} -> ${targetName(followUp)}`;
  return [id, due, contact ?? '', action, reason === null ? '' : whyLater(reason)];
}
