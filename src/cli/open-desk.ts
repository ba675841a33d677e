import { resolve } from 'node:path';
import { type Command } from 'commander';
import { type Config } from '../config/config.js';
import { LiveConfig } from '../config/live.js';
import { RuleSetCache } from '../plan/rule-set-cache.js';
import { Desk, type DeskMethods } from '../replay/desk.js';
import { keepRuleSet } from '../reload.js';
import { type Store, StoreRefusedError } from '../store/store.js';
import { type DeskOptions } from './desk-options.js';
import { CliError, EXIT, usageError } from './exit-codes.js';
import { baseUrl, localUrl } from './hook-urls.js';
import { type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { readTokens, withStoreToChange, withStoreToRead } from './open-store.js';
import { remoteDesk } from './remote-desk.js';

/** An open desk and where it stands. */
export interface OpenDesk {
  desk: DeskMethods;
  /** Whether a server is behind it that sends what is due. */
  isRunning: boolean;
  /** Flags that lead another command to the same desk, with a space before them; empty where none are needed. */
  flags: string;
}

/**
 * Opens the desk that a command is for, makes use of it and closes it again. Reading works on the store beside a
 * running server, too; changing goes through that server, or needs the store for itself.
 */
export async function withDesk<T>(
  io: Io,
  command: Command,
  access: 'read' | 'change',
  use: (open: OpenDesk) => Promise<T>,
): Promise<T> {
  const options = command.opts<DeskOptions>();
  const flags = flagsOf(command);
  if (options.url === undefined || isMeantForStore(command)) {
    return withLocalDesk(io, options.config, access, (desk) => use({ desk, isRunning: false, flags }));
  }
  const adminToken = options.token ?? (await ownToken(io, command, options.url));
  return use({ desk: remoteDesk({ url: options.url, adminToken }), isRunning: true, flags });
}

/** A flag says more than the environment, and who names a folder means its store. */
function isMeantForStore(command: Command): boolean {
  const isTyped = (name: string) => command.getOptionValueSource(name) === 'cli';
  return isTyped('config') && !isTyped('url');
}

/** Only what was typed: the environment is still there for the next command. */
function flagsOf(command: Command): string {
  const { url, config } = command.opts<DeskOptions>();
  const isTyped = (name: string) => command.getOptionValueSource(name) === 'cli';
  if (url !== undefined && isTyped('url')) return ` --url ${url}`;
  return isTyped('config') ? ` --config ${config}` : '';
}

async function withLocalDesk<T>(
  io: Io,
  folder: string,
  access: 'read' | 'change',
  use: (desk: Desk) => Promise<T>,
): Promise<T> {
  const { config } = await loadConfig(io, folder);
  if (access === 'read') return withStoreToRead(config, (store) => use(deskOn(store, config, io)));
  const change = async (store: Store) => {
    // A replay by the rules in force points at them, and no server may have run with them yet.
    await keepRuleSet(store, config);
    return use(deskOn(store, config, io));
  };
  return withStoreToChange(config, change).catch((error: unknown) => {
    throw isInUse(error) ? inUse(config) : error;
  });
}

function deskOn(store: Store, config: Config, io: Io): Desk {
  const live = new LiveConfig(config);
  return new Desk({ store, live, ruleSets: new RuleSetCache(store, live), clock: io });
}

function isInUse(error: unknown): boolean {
  if (!(error instanceof StoreRefusedError)) return false;
  const { code = '' } = (error.cause ?? {}) as { code?: string };
  return code.startsWith('SQLITE_BUSY');
}

function inUse(config: Config): CliError {
  const { host, port } = config.server;
  return new CliError(
    EXIT.findings,
    `a server is running on ${resolve(config.storage.replace(/^sqlite:/, ''))}; ` +
      `add --url ${localUrl(host, port)} to ask that server, or stop it first`,
  );
}

/** The configured token is sent to nobody but the configured server. */
async function ownToken(io: Io, command: Command, url: string): Promise<string> {
  const { config: folder } = command.opts<DeskOptions>();
  const config = await loadConfig(io, folder).then(
    (loaded) => loaded.config,
    () => null,
  );
  if (config !== null && isOwn(url, config)) return (await readTokens(config)).admin;
  throw usageError(
    'the server wants its admin token; give it in AFTERCALL_ADMIN_TOKEN or with --token (`aftercall urls` prints it)',
  );
}

function isOwn(url: string, { server }: Config): boolean {
  const given = url.replace(/\/+$/, '');
  return given === baseUrl(server) || given === localUrl(server.host, server.port);
}
