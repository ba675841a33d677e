import { type ConfigProblem } from '../config/config.js';
import { timeWords } from './time-words.js';
import { type Finding } from './finding.js';
import { RECENT_MINUTES, type UndecidedRule } from './undecided-rate.js';

/**
 * A lane closed. `why` says `unauthorized` where the credentials were refused, otherwise the reason of the last
 * failure.
 */
export function laneOpened(destination: string, why: string): Finding {
  if (why === 'unauthorized') {
    const line = `Destination ${destination} refuses the credentials. Its deliveries wait until you mend them in aftercall.yaml; it is tried now and then`;
    return { reason: 'unauthorized', cause: `unauthorized ${destination}`, line, count: 1 };
  }
  const line = `Destination ${destination} keeps failing (${why}). Its deliveries wait; it is tried now and then. Look: aftercall deliveries list --destination ${destination}`;
  return { reason: 'destination_open', cause: `destination_open ${destination}`, line, count: 1 };
}

/** Places only: a message may quote what stands in the file, and a path a key of a table. */
export function configurationRejected(problems: readonly ConfigProblem[]): Finding {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const place = first ? `, the first at ${first.file}:${first.line}:${first.column}` : '';
  const found = errors.length === 1 ? '1 problem' : `${errors.length} problems`;
  const line = `A changed configuration was rejected: ${found}${place}. The last good one stays in force. Look: aftercall check`;
  return { reason: 'rejected_configuration', cause: 'rejected_configuration', line, count: 1 };
}

export function ruleUndecided({ rule, undecided, calls }: UndecidedRule): Finding {
  const line = `Rule ${rule} was undecided on ${undecided} of ${calls} calls in the last ${RECENT_MINUTES} minutes, more than usual. Look: aftercall events list --rule ${rule}`;
  return { reason: 'undecided', cause: `undecided ${rule}`, line, count: undecided };
}

/** Once is too often: the contact may have asked not to be reached. */
export function stopUndecided(rule: string): Finding {
  const line = `Rule ${rule}, which stops contacts, could not be decided for a call: perhaps somebody asked not to be reached. Look: aftercall events list --rule ${rule}, and aftercall contact stop`;
  return { reason: 'undecided', cause: `stop_undecided ${rule}`, line, count: 1 };
}

/** `since`: time of the last event, or since when we have listened in vain. */
export function sourceSilent(source: string, since: number, expectEveryMs: number): Finding {
  const line = `Source ${source} has been silent since ${timeWords(since)}; expect_every is ${durationWords(expectEveryMs)}. Is its webhook still turned on at the vendor?`;
  return { reason: 'silent_source', cause: `silent_source ${source}`, line, count: 1 };
}

const UNITS: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** `1d 12h`, in the units of the configuration. */
function durationWords(ms: number): string {
  let rest = ms;
  const parts = UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.join('');
}
