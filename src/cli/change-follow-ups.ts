import { type Command } from 'commander';
import { parseDuration } from '../lib/duration.js';
import { type FollowUpQuery, type SnoozeOptions } from '../replay/queries.js';
import { addChange, type Change, type ChangedThings } from './change-command.js';
import { type CommandContext } from './command-context.js';
import { addFollowUpFilters, followUpQuery, given } from './desk-options.js';
import { usageError } from './exit-codes.js';

const FOLLOW_UPS: ChangedThings<FollowUpQuery> = {
  nouns: 'follow-ups',
  addFilters: addFollowUpFilters,
  readQuery: (options) => followUpQuery(options),
};

const FOLLOW_UP = {
  noun: () => 'follow-up',
  readOptions: () => ({}),
};

const CANCEL: Change<FollowUpQuery, object> = {
  ...FOLLOW_UP,
  name: 'cancel',
  description: 'take follow-ups back',
  future: 'will be taken back for good',
  past: 'canceled',
  makesDue: false,
  one: (desk, id) => desk.followUps.cancel(id),
  many: (desk, query, options) => desk.followUps.cancelMany(query, options),
};

const SNOOZE: Change<FollowUpQuery, SnoozeOptions> = {
  ...FOLLOW_UP,
  name: 'snooze',
  description: 'put follow-ups off, each by so much or all until one time',
  future: 'will be put off',
  past: 'snoozed',
  makesDue: false,
  readOptions: (flags) => snoozeOptions(flags),
  one: (desk, id, options) => desk.followUps.snooze(id, options),
  many: (desk, query, options) => desk.followUps.snoozeMany(query, options),
};

const RUN_NOW: Change<FollowUpQuery, object> = {
  ...FOLLOW_UP,
  name: 'run-now',
  description:
    'send follow-ups at once, whatever their window says; whom they may reach is asked all the same',
  future: 'will be sent at once',
  past: 'brought forward',
  makesDue: true,
  one: (desk, id) => desk.followUps.runNow(id),
  many: (desk, query, options) => desk.followUps.runNowMany(query, options),
};

export function addFollowUpChanges(followUps: Command, context: CommandContext): void {
  addChange(followUps, context, FOLLOW_UPS, CANCEL);
  addChange(followUps, context, FOLLOW_UPS, SNOOZE)
    .option('--by <length>', 'how much later than it is due: 45m, 2h, 3 days')
    .option(
      '--until <time>',
      "2026-12-01T10:00 on the clock of the configuration's timezone, or with a zone",
    );
  addChange(followUps, context, FOLLOW_UPS, RUN_NOW);
}

function snoozeOptions({ by, until }: SnoozeOptions): SnoozeOptions {
  if ((by === undefined) === (until === undefined))
    throw usageError('followups snooze wants --by 2h or --until 2026-12-01T10:00, one of the two');
  if (by !== undefined && !((parseDuration(by) ?? 0) > 0))
    throw usageError('--by: expected how much later, such as 45m, 2h or 3 days');
  return given({ by, until });
}
