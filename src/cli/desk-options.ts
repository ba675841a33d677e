import { type Command, InvalidArgumentError, Option } from 'commander';
import { DELIVERY_STATES, type DeliveryState } from '../domain/delivery.js';
import { type EventStatus } from '../domain/event.js';
import { parseDuration } from '../lib/duration.js';
import {
  type DeliveryQuery,
  EVENT_STATUSES,
  type EventQuery,
  type FollowUpQuery,
  type PageQuery,
} from '../replay/queries.js';
import { type Io } from './io.js';
import { configOption, type Output, outputOption, parseTime } from './options.js';

/** Where the desk is: the store of a configuration, or a running server. */
export interface DeskOptions {
  config: string;
  url?: string;
  token?: string;
  output: Output;
}

export interface PageOptions {
  limit: number;
  cursor?: string;
}

/** Filters that events and deliveries share. Times are ISO 8601. */
interface SharedFilters {
  state?: DeliveryState[];
  rule?: string;
  destination?: string;
  contact?: string;
  since?: string;
  until?: string;
}

export interface DeliveryFilters extends SharedFilters {
  event?: string;
}

export interface FollowUpFilters {
  rule?: string;
  destination?: string;
  contact?: string;
  event?: string;
  scope?: string;
}

export interface EventFilters extends Omit<SharedFilters, 'state'> {
  state?: DeliveryState;
  source?: string;
  status?: EventStatus;
  call?: string;
}

export interface BulkFlags {
  all: boolean;
  yes: boolean;
  dryRun: boolean;
}

export function addDeskOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .addOption(
      new Option('--url <url>', 'a running server, through its admin API; default: the store itself').env(
        'AFTERCALL_URL',
      ),
    )
    .addOption(new Option('--token <token>', 'admin token of that server').env('AFTERCALL_ADMIN_TOKEN'))
    .addOption(outputOption());
}

export function addPageOptions(command: Command): Command {
  return command.addOption(limitOption()).option('--cursor <cursor>', 'go on where the page before ended');
}

export const limitOption = () =>
  new Option('--limit <count>', 'at most so many, 1 to 1000').argParser(parseLimit).default(50);

export function addDeliveryFilters(command: Command, io: Io): Command {
  command.addOption(
    new Option('--state <state,…>', `${DELIVERY_STATES.join(', ')}; several with commas`).argParser(
      parseStates,
    ),
  );
  return addSharedFilters(command, io).option('--event <id>', 'of this event');
}

/** Without times: `--until` of a snooze is when they are due instead. */
export function addFollowUpFilters(command: Command): Command {
  return addNameFilters(command).option('--event <id>', 'of this event').addOption(scopeOption());
}

/** Whose contacts are meant. */
export const scopeOption = () =>
  new Option('--scope <client>', 'client, where contacts.scope keeps the contacts of clients apart');

export function addEventFilters(command: Command, io: Io): Command {
  command
    .option('--source <name>', 'from this source')
    .addOption(new Option('--status <status>', 'how it was taken').choices(EVENT_STATUSES))
    .option('--call <id>', "the vendor's id of the call")
    .addOption(new Option('--state <state>', 'with a delivery in this state').choices(DELIVERY_STATES));
  return addSharedFilters(command, io);
}

function addNameFilters(command: Command): Command {
  return command
    .option('--rule <id>', 'of this rule')
    .option('--destination <name>', 'for this destination')
    .option('--contact <phone>', 'of this contact, such as +1987654321');
}

function addSharedFilters(command: Command, io: Io): Command {
  return addNameFilters(command)
    .addOption(
      new Option('--since <time>', SINCE).argParser((written: string) => parseMoment(written, io.now())),
    )
    .addOption(
      new Option('--until <time>', 'before then, likewise').argParser((written: string) =>
        parseMoment(written, io.now()),
      ),
    );
}

const SINCE = 'from then on: 2025-01-15T11:35:00+01:00, or how long ago: 2h, 3d';

export function addBulkFlags(command: Command): Command {
  return command
    .option('--all', 'without any filter', false)
    .option('-y, --yes', 'do not ask', false)
    .option('--dry-run', 'only count', false);
}

export function deliveryQuery(filters: DeliveryFilters): DeliveryQuery {
  const { state, rule, destination, contact, event, since, until } = filters;
  const states = state?.length === 1 ? state[0] : state;
  return given({ state: states, rule, destination, contact, event_id: event, since, until });
}

export function followUpQuery(filters: FollowUpFilters): FollowUpQuery {
  const { rule, destination, contact, event, scope } = filters;
  return given({ rule, destination, contact, event_id: event, scope });
}

export function eventQuery(filters: EventFilters): EventQuery {
  const { source, status, call, rule, state, destination, contact, since, until } = filters;
  return given({ source, status, call_id: call, contact, rule, state, destination, since, until });
}

export function pageQuery({ limit, cursor }: PageOptions): PageQuery {
  return given({ limit, cursor });
}

/** Without what was left out: an empty object says that there is no filter at all. */
export function given<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** ISO 8601 in UTC of a time with its zone, or of a duration back from now. */
export function parseMoment(written: string, now: number): string {
  const ago = parseDuration(written);
  if (ago !== null) return new Date(now - ago).toISOString();
  try {
    return new Date(parseTime(written)).toISOString();
  } catch {
    throw new InvalidArgumentError(
      'Expected a time with its zone, such as 2025-01-15T11:35:00+01:00, or how long ago: 2h, 3d.',
    );
  }
}

function parseStates(written: string): DeliveryState[] {
  return written.split(',').map((word) => {
    const state = DELIVERY_STATES.find((each) => each === word.trim());
    if (state === undefined) throw new InvalidArgumentError(`Expected ${DELIVERY_STATES.join(', ')}.`);
    return state;
  });
}

function parseLimit(written: string): number {
  const limit = Number(written);
  if (!/^\d{1,4}$/.test(written) || limit < 1 || limit > 1000)
    throw new InvalidArgumentError('Expected a number from 1 to 1000.');
  return limit;
}
