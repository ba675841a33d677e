import { type Command, Option } from 'commander';
import { BULK_STATES, type DeliveryState } from '../domain/delivery.js';
import { type DeliveryQuery, type ReleaseOptions } from '../replay/queries.js';
import { addChange, type Change, type ChangedThings } from './change-command.js';
import { type CommandContext } from './command-context.js';
import { addDeliveryFilters, deliveryQuery } from './desk-options.js';
import { collectInput, IF_MISSING, releaseOptions } from './release-flags.js';

const DELIVERIES: ChangedThings<DeliveryQuery> = {
  nouns: 'deliveries',
  addFilters: addDeliveryFilters,
  readQuery: (options) => deliveryQuery(options),
};

const RETRY: Change<DeliveryQuery, object> = {
  name: 'retry',
  description: 'try dead deliveries again, at once, under the same idempotency key',
  future: 'will be tried again at once',
  past: 'retried',
  noun: (query) => nounFor('retry', query),
  makesDue: true,
  readOptions: () => ({}),
  one: (desk, id) => desk.retry(id),
  many: (desk, query, options) => desk.retryMany(query, options),
};

const RELEASE: Change<DeliveryQuery, ReleaseOptions> = {
  name: 'release',
  description: 'let held deliveries go, with other input if need be',
  future: 'will be let go and sent',
  past: 'released',
  noun: (query) => nounFor('release', query),
  makesDue: true,
  readOptions: (flags) => releaseOptions(flags),
  one: (desk, id, options) => desk.release(id, options),
  many: (desk, query, options) => desk.releaseMany(query, options),
};

const CANCEL: Change<DeliveryQuery, object> = {
  name: 'cancel',
  description: 'take deliveries back that are pending, held or dead',
  future: 'will be taken back for good',
  past: 'canceled',
  noun: (query) => nounFor('cancel', query),
  makesDue: false,
  readOptions: () => ({}),
  one: (desk, id) => desk.cancel(id),
  many: (desk, query, options) => desk.cancelMany(query, options),
};

export function addChangeCommands(deliveries: Command, context: CommandContext): void {
  addChange(deliveries, context, DELIVERIES, RETRY);
  addChange(deliveries, context, DELIVERIES, RELEASE)
    .addOption(
      new Option('--set <field=value>', 'a field of the input, as it is (JSON, else text); may be repeated')
        .argParser(collectInput)
        .default({}, 'nothing'),
    )
    .addOption(
      new Option(
        '--if-missing <how>',
        'send in spite of missing values: show, leave out or blank them',
      ).choices(IF_MISSING),
    );
  addChange(deliveries, context, DELIVERIES, CANCEL);
}

/** `dead delivery`; `pending, held or dead delivery` */
function nounFor(command: 'retry' | 'release' | 'cancel', { state }: DeliveryQuery): string {
  const states: readonly DeliveryState[] = [state ?? BULK_STATES[command]].flat();
  return `${states.join(', ').replace(/, (?=[^,]*$)/, ' or ')} delivery`;
}
