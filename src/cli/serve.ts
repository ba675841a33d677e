import { type Command, Option } from 'commander';
import { type Role, ROLES, does } from '../domain/role.js';
import { type CommandContext } from './command-context.js';
import { CliError, EXIT } from './exit-codes.js';
import { baseUrl, hookUrl, maskToken } from './hook-urls.js';
import { type Io } from './io.js';
import { requireFolder } from './load-config.js';
import { configOption, parsePort } from './options.js';
import { table } from './print.js';
import { firstStopSignal } from './stop-signal.js';
import { type RunningServer, type ServerOptions } from './start-server.js';
import { version } from '../version.js';

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;

/** The whole stop must be over by then, whatever still holds on. */
const STOP_WITHIN_MS = 20_000;

/** A timer that somebody forgot must not keep a stopped server alive; what was printed is out by then. */
const LINGER_MS = 500;

interface ServeOptions {
  config: string;
  role: Role;
  port?: number;
  logLevel: (typeof LOG_LEVELS)[number];
}

export function addServe(program: Command, { io, finish }: CommandContext): void {
  program
    .command('serve')
    .description('run everything: take webhooks, decide, deliver')
    .addOption(configOption())
    .addOption(
      new Option('-p, --port <port>', 'port to listen on; default: PORT, or the configured one').argParser(
        parsePort,
      ),
    )
    .addOption(
      new Option('--log-level <level>', 'least severe lines of the log on standard error')
        .choices(LOG_LEVELS)
        .default('info')
        .env('AFTERCALL_LOG_LEVEL'),
    )
    .addOption(
      new Option(
        '--role <role>',
        'what this process does: everything, take webhooks, deliver, or serve the admin API; all but the first ' +
          'need storage: postgres://…',
      )
        .choices(ROLES)
        .default('all')
        .env('AFTERCALL_ROLE'),
    )
    .addHelpText(
      'after',
      '\nStops within 20 s on SIGTERM or SIGINT (exit code 0); a second signal stops at once.',
    )
    .action(async (options: ServeOptions) => finish(await serve(io, options)));
}

/** Runs until a signal comes; answers the exit code. */
async function serve(io: Io, { config, role, port, logLevel }: ServeOptions): Promise<number> {
  const signal = firstStopSignal();
  const server = await start({ config: await requireFolder(io, config), role, port, logLevel });
  io.stdout(welcome(server));
  server.runtime.logger.info({ signal: await signal }, 'stopping');
  setTimeout(() => process.exit(EXIT.fine), STOP_WITHIN_MS).unref();
  await server.stop();
  setTimeout(() => process.exit(EXIT.fine), LINGER_MS).unref();
  return EXIT.fine;
}

/** Nest takes a while to load, and only this command needs it. */
async function start(options: ServerOptions): Promise<RunningServer> {
  const { startServer } = await import('./start-server.js');
  return startServer(options).catch((error: unknown) => {
    throw isListenError(error) ? new CliError(EXIT.findings, describeListenError(error)) : error;
  });
}

type ListenError = Error & { code: string; address?: string; port?: number };

function isListenError(error: unknown): error is ListenError {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen' && 'code' in error;
}

function describeListenError({ code, address, port }: ListenError): string {
  const place = `port ${port ?? '?'} on ${address ?? '?'}`;
  if (code === 'EADDRINUSE')
    return `${place} is in use; choose another with --port or PORT, or stop what uses it`;
  if (code === 'EACCES')
    return `${place} may not be used by this user; choose one above 1023 with --port or PORT`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${address ?? '?'} is no address of this machine; mend server.host`;
  return `cannot listen on ${place}: ${code}`;
}

/** What a person needs to go on, without a whole token: terminals are shared and logs are kept. */
function welcome({ runtime, port }: RunningServer): string {
  const { role } = runtime;
  const base = baseUrl(runtime.live.current().config.server, port);
  const hooks = [...runtime.hookTokens].flatMap(([source, tokens]) =>
    tokens.map((token) => [`  ${source}`, hookUrl(base, source, maskToken(token))]),
  );
  const pages = [
    ['  ready?', `${base}/health/ready`],
    ['  metrics', `${base}/metrics`],
    ...(does(role, 'api') ? [['  api', `${base}/api/v1`]] : []),
  ];
  if (!does(role, 'intake')) return `Aftercall ${version()} runs as ${role} and answers at\n${table(pages)}`;
  return [
    `Aftercall ${version()} takes calls at\n${table(hooks)}`,
    `and answers at\n${table(pages)}`,
    '`aftercall urls` prints the hook URLs whole.\n',
  ].join('');
}
