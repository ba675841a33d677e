import { type Command } from 'commander';
import { type ProcessView, processView } from '../api/process-view.js';
import { type ListView } from '../replay/views.js';
import { type CommandContext } from './command-context.js';
import { addDeskOptions, type DeskOptions } from './desk-options.js';
import { CliError, EXIT } from './exit-codes.js';
import { localUrl } from './hook-urls.js';
import { coloursFor, type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { findServer } from './open-desk.js';
import { withStoreToRead } from './open-store.js';
import { printable, printJson } from './print.js';
import { askApi } from './remote-desk.js';
import { paintedTable } from './state-colours.js';
import { relativeTime } from './time-words.js';

const TIMEOUT_MS = 30_000;
/** Longer than the pause between two signs of life; the server itself waits as long. */
const SILENT_MS = 20_000;
const HEADING = ['PROCESS', 'ROLE', 'HOST', 'VERSION', 'RULES', 'STARTED', 'SEEN', 'LEADS'];
/** Enough of a fingerprint to tell two apart. */
const SHOWN_DIGITS = 12;

export function addProcesses(program: Command, { io, finish }: CommandContext): void {
  const command = program
    .command('processes')
    .description('the processes that work on one store, the rules they run on, and which of them leads');
  addDeskOptions(command)
    .addHelpText(
      'after',
      '\nA process is heard of every 5 s; one that was silent for 20 s is left out. RULES is marked where they are' +
        '\nnot those of the server that answers or, with --config, of that folder.',
    )
    .action(async () => finish(await processes(io, command)));
}

async function processes(io: Io, command: Command): Promise<number> {
  const { output, config } = command.opts<DeskOptions>();
  const server = await findServer(io, command);
  const page =
    server === null
      ? await listFromStore(io, config)
      : await askApi<ListView<ProcessView>>(server, '/processes', { method: 'GET', timeoutMs: TIMEOUT_MS });
  if (output === 'json') printJson(io, page);
  else io.stdout(describeProcesses(page.items, io));
  return EXIT.fine;
}

async function listFromStore(io: Io, folder: string): Promise<ListView<ProcessView>> {
  const { config } = await loadConfig(io, folder);
  return withStoreToRead(config, async (store) => {
    const { host, port } = config.server;
    if (!store.isShared)
      throw new CliError(
        EXIT.findings,
        `only one process can work on an SQLite file, and it says nothing of itself there; ask it with ` +
          `--url ${localUrl(host, port)}`,
      );
    const found = await store.listProcesses(SILENT_MS);
    return { items: found.map((process) => processView(process, config.fingerprint)), next: null };
  });
}

function describeProcesses(items: readonly ProcessView[], io: Io): string {
  if (items.length === 0) return 'no process works on this store\n';
  const colours = coloursFor(io);
  const rows = items.map((item) => ({
    cells: cellsOf(item, io.now()).map(printable),
    paint: item.rule_set_current ? (text: string) => text : colours.yellow,
  }));
  return paintedTable(HEADING, rows, colours);
}

function cellsOf(process: ProcessView, now: number): string[] {
  const { id, role, host, version, rule_set, rule_set_current, started_at, seen_at, leads } = process;
  const rules = `${rule_set.slice(0, SHOWN_DIGITS)}${rule_set_current ? '' : ' (others)'}`;
  const times = [started_at, seen_at].map((iso) => relativeTime(Date.parse(iso), now));
  return [id, role, host, version, rules, ...times, leads ? 'yes' : ''];
}
