import { CAMPAIGN } from '../../domain/campaign-hours.js';
import { DEFAULT_LATE_POLICY } from '../../domain/late.js';
import { isTimeZone, timeZoneNames } from '../../lib/time-zone.js';
import { nearest } from '../../lib/nearest.js';
import { type ActionContent } from '../../rules/rule.js';
import { type ConfigFile } from '../config-file.js';
import { type Findings } from '../findings.js';
import { type Path } from '../path.js';
import { describeUnknownName } from '../schema/describe-issue.js';
import { type ActionFile } from '../schema/rule-file.js';
import { type World } from './context.js';

interface Where {
  file: ConfigFile;
  path: Path;
  findings: Findings;
  world: Pick<World, 'calendars' | 'templates'>;
}

/** `after`, `at`, `during` and `if_late` of an action: one time at most, and names that exist. */
export function checkTiming(action: ActionFile, place: Where): void {
  const { file, path, findings, world } = place;
  if (action.after !== undefined && action.at !== undefined)
    findings.error(file, [...path, 'at'], 'stands beside after; give one of the two');
  const known = [CAMPAIGN, ...Object.keys(world.calendars)];
  action.during?.forEach((name, i) => {
    const at = action.during?.length === 1 ? [] : [i];
    if (!known.includes(name))
      findings.error(file, [...path, 'during', ...at], describeUnknownName('calendar', name, known));
  });
  if (action.at !== undefined) checkAsked(action.at, place);
}

function checkAsked({ time, zone }: NonNullable<ActionFile['at']>, place: Where): void {
  const { file, path, findings, world } = place;
  try {
    world.templates.parse(time, 'text');
  } catch (error) {
    findings.error(file, [...path, 'at', 'time'], error instanceof Error ? error.message : String(error));
  }
  if (zone === 'contact' || zone === CAMPAIGN || isTimeZone(zone)) return;
  const near = nearest(zone, ['contact', CAMPAIGN, ...timeZoneNames()]);
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  const expected = 'expected contact, campaign or a zone such as Europe/Vienna';
  findings.error(file, [...path, 'at', 'zone'], `is no zone; ${expected}${hint}`);
}

/** As it is stored with the rule. */
export function timingOf(
  action: ActionFile,
): Pick<ActionContent, 'timing' | 'during' | 'late' | 'cancelWhen'> {
  const { after, at, during, cancel_when: cancel, if_late: ifLate, late_after: lateAfterMs } = action;
  const isLate = ifLate !== undefined || lateAfterMs !== undefined;
  return {
    ...(after !== undefined && { timing: { after } }),
    ...(at !== undefined && {
      timing: {
        at: {
          ...{ time: at.time, zone: at.zone, atMostMs: at.at_most },
          ...{ ifPast: at.if_past, ifUnreadable: at.if_unreadable },
        },
      },
    }),
    ...(during !== undefined && { during }),
    ...(cancel !== undefined && {
      cancelWhen: {
        ...(cancel.later_call !== undefined && { laterCall: cancel.later_call }),
        ...(cancel.rule_fired !== undefined && { ruleFired: cancel.rule_fired }),
      },
    }),
    ...(isLate && {
      late: {
        ifLate: ifLate ?? DEFAULT_LATE_POLICY.ifLate,
        lateAfterMs: lateAfterMs ?? DEFAULT_LATE_POLICY.lateAfterMs,
      },
    }),
  };
}
