import { DEFAULT_LATE_POLICY } from '../../domain/late.js';
import { defaultOnRepeat } from '../../domain/on-repeat.js';
import { type ActionContent, type TimingContent } from '../../rules/rule.js';
import { type ActionFile } from '../schema/rule-file.js';
import { type Waiting } from './action-place.js';

/**
 * An action as it is stored with its rule. What came later than the first version is left out where nothing is said of
 * it, so that rule sets without it keep their fingerprint.
 */
export function toActionContent(action: ActionFile, waiting: Waiting | null): ActionContent {
  return {
    id: action.id,
    to: action.to,
    do: action.do ?? null,
    with: action.with,
    onlyIf: action.only_if ?? null,
    ifMissing: action.if_missing ?? null,
    onRevision: action.on_revision,
    ifUnknown: action.if_unknown ?? null,
    retryWaitsMs: action.retry?.waits ?? null,
    timeoutMs: action.timeout ?? null,
    ordered: action.ordered ?? null,
    needs: action.needs,
    ...timingOf(action, waiting),
    ...repeatingOf(action, waiting),
  };
}

function timingOf(
  action: ActionFile,
  waiting: Waiting | null,
): Pick<ActionContent, 'timing' | 'during' | 'late' | 'cancelWhen'> {
  const { if_late: ifLate, late_after: lateAfterMs } = action;
  const timing = timeOf(action, waiting);
  const during = action.during ?? waiting?.during;
  const cancelWhen = waiting === null ? cancelOf(action) : { laterCall: waiting.laterCall };
  return {
    ...(timing !== null && { timing }),
    ...(during !== undefined && { during }),
    ...(cancelWhen !== null && { cancelWhen }),
    ...((ifLate !== undefined || lateAfterMs !== undefined) && {
      late: {
        ifLate: ifLate ?? DEFAULT_LATE_POLICY.ifLate,
        lateAfterMs: lateAfterMs ?? DEFAULT_LATE_POLICY.lateAfterMs,
      },
    }),
  };
}

function timeOf({ after, at }: ActionFile, waiting: Waiting | null): TimingContent | null {
  if (waiting !== null) return { after: waiting.after };
  if (at === undefined) return after === undefined ? null : { after };
  const { time, zone, at_most: atMostMs, if_past: ifPast, if_unreadable: ifUnreadable } = at;
  return { at: { time, zone, atMostMs, ifPast, ifUnreadable } };
}

function cancelOf({ cancel_when: cancel }: ActionFile): (ActionContent['cancelWhen'] & object) | null {
  if (cancel === undefined) return null;
  return {
    ...(cancel.later_call !== undefined && { laterCall: cancel.later_call }),
    ...(cancel.rule_fired !== undefined && { ruleFired: cancel.rule_fired }),
  };
}

function repeatingOf(
  action: ActionFile,
  waiting: Waiting | null,
): Pick<ActionContent, 'audience' | 'oncePer' | 'onRepeat' | 'callTries' | 'digest'> {
  const { audience, once_per: oncePer, call_tries: tries, digest } = action;
  const onRepeat = onRepeatOf(action, waiting);
  return {
    ...(audience !== undefined && { audience }),
    ...(oncePer !== undefined && { oncePer: oncePerOf(oncePer) }),
    ...(onRepeat !== null && { onRepeat }),
    ...(tries !== undefined && {
      callTries: { max: tries.max, every: tries.every, until: tries.until ?? null },
    }),
    ...(digest !== undefined && { digest: { everyMs: digest.every, by: digest.by ?? null } }),
  };
}

/**
 * What is due at once or only moved into a window has no one to meet, unless it says so. Each promise is watched by
 * itself, also when the one before it still is.
 */
function onRepeatOf({ on_repeat: said, at, after }: ActionFile, waiting: Waiting | null) {
  if (said !== undefined) return said;
  if (waiting !== null) return 'parallel';
  if (after !== undefined) return defaultOnRepeat('after');
  return at === undefined ? null : defaultOnRepeat('at');
}

function oncePerOf(written: NonNullable<ActionFile['once_per']>): ActionContent['oncePer'] {
  const [entry] = Object.entries(written);
  if (entry === undefined) return null;
  const [key, perMs] = entry;
  return { key: key === 'contact' || key === 'rule' ? key : { template: key }, perMs };
}
