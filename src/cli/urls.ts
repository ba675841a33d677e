import { type Command, Option } from 'commander';
import { type CommandContext } from './command-context.js';
import { EXIT } from './exit-codes.js';
import { baseUrl, hookUrl } from './hook-urls.js';
import { type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { readTokens } from './open-store.js';
import { configOption, type Output, outputOption, parsePort } from './options.js';
import { printJson, table } from './print.js';

interface UrlsOptions {
  config: string;
  output: Output;
  port?: number;
}

export function addUrls(program: Command, { io, finish }: CommandContext): void {
  program
    .command('urls')
    .description('print the hook URLs whole, to paste at the vendor, and the admin token')
    .addOption(configOption())
    .addOption(
      new Option('-p, --port <port>', 'port of the server; default: PORT, or the configured one').argParser(
        parsePort,
      ),
    )
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nTokens that the configuration does not name are made once and kept in the store.',
    )
    .action(async (options: UrlsOptions) => finish(await urls(io, options)));
}

async function urls(io: Io, options: UrlsOptions): Promise<number> {
  const { config } = await loadConfig(io, options.config);
  const tokens = await readTokens(config);
  const base = baseUrl(config.server, options.port);
  const sources = [...tokens.hooks].map(([name, those]) => ({
    name,
    urls: those.map((token) => hookUrl(base, name, token)),
  }));
  if (options.output === 'json') printJson(io, { sources, admin_token: tokens.admin });
  else {
    io.stdout(table(sources.flatMap(({ name, urls }) => urls.map((url) => [name, url]))));
    io.stdout(`\nadmin token  ${tokens.admin}\n`);
  }
  return EXIT.fine;
}
