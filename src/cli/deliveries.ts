import { type Command } from 'commander';
import { addChangeCommands } from './change-deliveries.js';
import { type CommandContext } from './command-context.js';
import {
  addDeliveryFilters,
  addDeskOptions,
  addPageOptions,
  type DeliveryFilters,
  deliveryQuery,
  type DeskOptions,
  type PageOptions,
  pageQuery,
} from './desk-options.js';
import { describeDeliveries } from './describe-deliveries.js';
import { describeDelivery } from './describe-delivery.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, type Io } from './io.js';
import { listPage } from './list-pages.js';
import { withDesk } from './open-desk.js';
import { printJson } from './print.js';

export function addDeliveries(program: Command, context: CommandContext): void {
  const { io, finish } = context;
  const deliveries = program
    .command('deliveries')
    .description('what is sent where: list, show, retry, release, cancel');
  const list = deliveries.command('list').description('deliveries, newest first');
  addPageOptions(addDeliveryFilters(addDeskOptions(list), io)).action(async () =>
    finish(await listed(io, list)),
  );
  const show = deliveries
    .command('show')
    .description('one delivery with its attempts, its input and what can be done next')
    .argument('<id>', 'id of a delivery');
  addDeskOptions(show).action(async (id: string) => finish(await shown(io, show, id)));
  addChangeCommands(deliveries, context);
}

function listed(io: Io, command: Command): Promise<number> {
  const options = command.opts<DeliveryFilters & PageOptions>();
  const query = { ...deliveryQuery(options), ...pageQuery(options) };
  return listPage(io, command, {
    nouns: 'deliveries',
    list: (desk) => desk.listDeliveries(query),
    describe: describeDeliveries,
  });
}

function shown(io: Io, command: Command, id: string): Promise<number> {
  return withDesk(io, command, 'read', async ({ desk, flags }) => {
    const delivery = await desk.showDelivery(id);
    if (command.opts<DeskOptions>().output === 'json') printJson(io, delivery);
    else io.stdout(describeDelivery(delivery, { colours: coloursFor(io), now: io.now(), flags }));
    return EXIT.fine;
  });
}
