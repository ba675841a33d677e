import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Command } from 'commander';
import { newToken } from '../tokens.js';
import { type CommandContext } from './command-context.js';
import { EXIT, usageError } from './exit-codes.js';
import { firstConfig } from './first-config.js';
import { type Io } from './io.js';
import { table } from './print.js';

const DEFAULT_FOLDER = 'config';

export function addInit(program: Command, { io, finish }: CommandContext): void {
  program
    .command('init')
    .description('write a first configuration with fresh tokens')
    .argument('[folder]', 'folder of the configuration; made when it is not there', DEFAULT_FOLDER)
    .addHelpText('after', '\nNever overwrites a file.')
    .action(async (folder: string) => finish(await init(io, folder)));
}

async function init(io: Io, folder: string): Promise<number> {
  const { timeZone: timezone } = Intl.DateTimeFormat().resolvedOptions();
  const files = firstConfig({ hookToken: newToken(), adminToken: newToken(), timezone });
  const dir = resolve(io.cwd, folder);
  for (const name of files.keys()) await refuseToOverwrite(join(dir, name), join(folder, name));
  for (const [name, text] of files) await write(join(dir, name), text);
  const written = [...files.keys()].map((name) => `  ${join(folder, name)}\n`).join('');
  io.stdout(`Wrote\n${written}\nNext\n${nextSteps(folder)}`);
  return EXIT.fine;
}

async function refuseToOverwrite(path: string, shown: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw usageError(
      `${shown} is there already and stays as it is; name another folder: aftercall init <folder>`,
    );
}

/** Only its owner may read what holds tokens; `wx` refuses a file that appeared meanwhile. */
async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw usageError(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

function nextSteps(folder: string): string {
  const flag = folder === DEFAULT_FOLDER ? '' : ` --config ${folder}`;
  return table([
    [`  aftercall check${flag}`, 'are the files right?'],
    [`  aftercall test${flag}`, 'do the rules do what they should?'],
    [`  aftercall serve${flag}`, 'run it'],
    [`  aftercall trigger autocalls/completed-campaign${flag}`, 'in a second terminal: post a sample call'],
    [`  aftercall urls${flag}`, 'the address to paste at the vendor'],
  ]);
}
