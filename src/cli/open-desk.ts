import { resolve } from 'node:path';
import { type Command } from 'commander';
import { type Config } from '../config/config.js';
import { LiveConfig } from '../config/live.js';
import { probeKey } from '../domain/destination-settings.js';
import { does, type Role } from '../domain/role.js';
import { RuleSetCache } from '../plan/rule-set-cache.js';
import { Desk, type DeskMethods } from '../replay/desk.js';
import { keepRuleSet } from '../reload.js';
import { type Store, StoreRefusedError } from '../store/store.js';
import { addressBelow } from './ask-server.js';
import { type DeskOptions } from './desk-options.js';
import { CliError, EXIT, usageError } from './exit-codes.js';
import { baseUrl, localUrl } from './hook-urls.js';
import { type Io } from './io.js';
import { loadConfig } from './load-config.js';
import { readTokens, withStoreToChange, withStoreToRead } from './open-store.js';
import { remoteDesk, type RemoteServer } from './remote-desk.js';

/** An open desk and where it stands. */
export interface OpenDesk {
  desk: DeskMethods;
  /** Whether a server is behind it that sends what is due. */
  isRunning: boolean;
  /** Flags that lead another command to the same desk, with a space before them; empty where none are needed. */
  flags: string;
}

/**
 * Opens the desk that a command is for, makes use of it and closes it again. Reading works on the store beside running
 * servers, and so does changing on one that several processes may use; an SQLite file is changed through its server, or
 * while there is none.
 */
export async function withDesk<T>(
  io: Io,
  command: Command,
  access: 'read' | 'change',
  use: (open: OpenDesk) => Promise<T>,
): Promise<T> {
  const flags = flagsOf(command);
  const server = await findServer(io, command);
  if (server !== null) return use({ desk: remoteDesk(server), isRunning: true, flags });
  const { config } = await loadConfig(io, command.opts<DeskOptions>().config);
  return withLocalDesk(io, config, access, (desk, isRunning) => use({ desk, isRunning, flags }));
}

/** The server that a command is for; null for the store of a configuration. */
export async function findServer(io: Io, command: Command): Promise<RemoteServer | null> {
  const { url, token } = command.opts<DeskOptions>();
  if (url === undefined || isMeantForStore(command)) return null;
  addressBelow(url, '');
  return { url, adminToken: token ?? (await ownToken(io, command, url)) };
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
  config: Config,
  access: 'read' | 'change',
  use: (desk: Desk, isRunning: boolean) => Promise<T>,
): Promise<T> {
  if (access === 'read') return withStoreToRead(config, (store) => use(deskOn({ store, config, io }), false));
  const change = async (store: Store) => {
    // A replay by the rules in force points at them, and no server may have run with them yet.
    await keepRuleSet(store, config);
    const woken = new Set<string>();
    const desk = deskOn({ store, config, io, wake: (names) => names.forEach((name) => woken.add(name)) });
    const result = await use(desk, await hasWorker(store));
    await tellWorkers(store, io, [...woken]);
    return result;
  };
  return withStoreToChange(config, change).catch((error: unknown) => {
    throw isInUse(error) ? inUse(config) : error;
  });
}

interface LocalParts {
  store: Store;
  config: Config;
  io: Io;
  wake?: (destinations: readonly string[]) => void;
}

function deskOn({ store, config, io, wake }: LocalParts): Desk {
  const live = new LiveConfig(config);
  return new Desk({ store, live, ruleSets: new RuleSetCache(store, live), clock: io, wake });
}

/** A process is heard of every five seconds. */
const SILENT_MS = 20_000;

/** Whether a server works on the same store, and sends what is due. */
async function hasWorker(store: Store): Promise<boolean> {
  if (!store.isShared) return false;
  const processes = await store.listProcesses(SILENT_MS);
  return processes.some(({ role }) => does(role as Role, 'worker'));
}

/** What is due they find by themselves; that a destination which is open is to be probed, they must be told. */
async function tellWorkers(store: Store, io: Io, destinations: readonly string[]): Promise<void> {
  if (!store.isShared) return;
  const now = new Date(io.now()).toISOString();
  for (const name of destinations) await store.putSetting(probeKey(name), now);
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
  const found =
    config === null
      ? `there is no configuration in ${folder} to find it by`
      : `only that of ${localUrl(config.server.host, config.server.port)} is found by itself, in ${folder}`;
  throw usageError(
    `${url} wants its admin token; give it in AFTERCALL_ADMIN_TOKEN or with --token (\`aftercall urls\` prints it); ${found}`,
  );
}

function isOwn(url: string, { server }: Config): boolean {
  const given = url.replace(/\/+$/, '');
  return given === baseUrl(server) || given === localUrl(server.host, server.port);
}
