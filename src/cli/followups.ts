import { type Command } from 'commander';
import { addFollowUpChanges } from './change-follow-ups.js';
import { type CommandContext } from './command-context.js';
import { describeFollowUps } from './describe-follow-ups.js';
import {
  addDeskOptions,
  addFollowUpFilters,
  addPageOptions,
  type FollowUpFilters,
  followUpQuery,
  type PageOptions,
  pageQuery,
} from './desk-options.js';
import { type Io } from './io.js';
import { listPage } from './list-pages.js';

export function addFollowups(program: Command, context: CommandContext): void {
  const { io, finish } = context;
  const followUps = program
    .command('followups')
    .description('what is due later: list, cancel, snooze, run-now');
  const list = followUps
    .command('list')
    .description('follow-ups, the next one first; further pages hold those that were planned before');
  addPageOptions(addFollowUpFilters(addDeskOptions(list))).action(async () => finish(await listed(io, list)));
  addFollowUpChanges(followUps, context);
}

function listed(io: Io, command: Command): Promise<number> {
  const options = command.opts<FollowUpFilters & PageOptions>();
  const query = { ...followUpQuery(options), ...pageQuery(options) };
  return listPage(io, command, {
    nouns: 'follow-ups',
    list: (desk) => desk.followUps.list(query),
    describe: describeFollowUps,
  });
}
