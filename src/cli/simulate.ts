import { type Command } from 'commander';
import { LiveConfig } from '../config/live.js';
import { type CommandContext } from './command-context.js';
import { EXIT } from './exit-codes.js';
import { type GivenOptions, readGivenCall } from './given-call.js';
import { type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { atOption, configOption, labelOption, type Output, outputOption, sourceOption } from './options.js';
import { printJson } from './print.js';
import { describeSimulation } from './describe-simulation.js';
import { simulateCall } from './simulation.js';

interface SimulateOptions extends GivenOptions {
  config: string;
  output: Output;
}

export function addSimulate(program: Command, { io, finish }: CommandContext): void {
  program
    .command('simulate')
    .description('show what would be decided and sent for a call; sends nothing, stores nothing')
    .argument('<call>', 'a file, - for standard input, the id of a stored event, or a sample')
    .addOption(configOption())
    .addOption(atOption())
    .addOption(sourceOption())
    .addOption(labelOption())
    .addOption(outputOption())
    .addHelpText('after', '\nWithout --at a call is received now, a stored event when it was.')
    .action(async (given: string, options: SimulateOptions) => finish(await simulate(io, given, options)));
}

async function simulate(io: Io, given: string, options: SimulateOptions): Promise<number> {
  const { config } = await loadConfig(io, options.config);
  const call = await readGivenCall(given, options, io, config);
  const simulation = simulateCall(new LiveConfig(config).current(), call);
  if (options.output === 'json') printJson(io, simulation);
  else io.stdout(describeSimulation(simulation, call.receivedAt, io));
  return EXIT.fine;
}
