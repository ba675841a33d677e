import { CAMPAIGN } from '../../domain/campaign-hours.js';
import { isTimeZone, timeZoneNames } from '../../lib/time-zone.js';
import { nearest } from '../../lib/nearest.js';
import { type Path } from '../path.js';
import { describeUnknownName } from '../schema/describe-issue.js';
import { type ActionFile } from '../schema/rule-file.js';
import { type ActionPlace, checkTemplateText } from './action-place.js';
import { checkConditionAt } from './conditions.js';

/** `after`, `at`, `during` and `cancel_when` of an action: one time at most, and names that exist. */
export function checkTiming(action: ActionFile, place: ActionPlace): void {
  const { file, path, findings, missing } = place;
  if (place.waiting !== null) refuseOwnTime(action, place);
  else if (action.after !== undefined && action.at !== undefined)
    findings.error(file, [...path, 'at'], 'stands beside after; give one of the two');
  checkDuring(action.during, path, place);
  if (action.at !== undefined) checkAsked(action.at, place);
  const later = action.cancel_when?.later_call;
  if (later) checkConditionAt(later, missing, { ...place, path: [...path, 'cancel_when', 'later_call'] });
}

/** `during` below `path` must name calendars. */
export function checkDuring(
  during: string[] | undefined,
  path: Path,
  { file, findings, world }: Pick<ActionPlace, 'file' | 'findings' | 'world'>,
): void {
  const known = [CAMPAIGN, ...Object.keys(world.calendars)];
  during?.forEach((name, i) => {
    const at = during.length === 1 ? [] : [i];
    if (!known.includes(name))
      findings.error(file, [...path, 'during', ...at], describeUnknownName('calendar', name, known));
  });
}

const OWN_TIME = {
  after: 'is not for actions under else, which are due after within of expect; take it out',
  at: 'is not for actions under else, which are due after within of expect; take it out',
  cancel_when:
    'is not for actions under else, which are taken back by call of expect; put the condition there',
} as const;

function refuseOwnTime(action: ActionFile, { file, path, findings }: ActionPlace): void {
  for (const key of ['after', 'at', 'cancel_when'] as const)
    if (action[key] !== undefined) findings.error(file, [...path, key], OWN_TIME[key], 'key');
}

function checkAsked({ time, zone }: NonNullable<ActionFile['at']>, place: ActionPlace): void {
  const { file, path, findings } = place;
  checkTemplateText(time, [...path, 'at', 'time'], place);
  if (zone === 'contact' || zone === CAMPAIGN || isTimeZone(zone)) return;
  const near = nearest(zone, ['contact', CAMPAIGN, ...timeZoneNames()]);
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  const expected = 'expected contact, campaign or a zone such as Europe/Vienna';
  findings.error(file, [...path, 'at', 'zone'], `is no zone; ${expected}${hint}`);
}
