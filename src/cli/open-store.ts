import { type Config } from '../config/config.js';
import { type Store, StoreRefusedError } from '../store/store.js';
import { settleTokens, type Tokens } from '../tokens.js';

/** The stores take a while to load, and most commands do without. */
const loadStores = () => import('../open-store.js');

/**
 * Tokens in force. Those that the configuration leaves out are made on first use and kept in the store, which may
 * be in use by a running server.
 * @throws {StoreRefusedError}
 */
export async function readTokens(config: Config): Promise<Tokens> {
  const configured = configuredTokens(config);
  if (configured !== null) return configured;
  const { openStore } = await loadStores();
  const store = await openStore(config, { thread: false }).catch((error: unknown) => {
    if (!(error instanceof StoreRefusedError)) throw error;
    return openStore(config, { thread: false, readOnly: true });
  });
  return useAndClose(store, () => settleTokens(config, store));
}

/** Null when some were left out. */
function configuredTokens({ sources, adminToken: admin }: Config): Tokens | null {
  const hooks = new Map([...sources.values()].map(({ name, tokens }) => [name, tokens]));
  const isComplete = admin !== null && [...hooks.values()].every((tokens) => tokens.length > 0);
  return isComplete ? { hooks, admin } : null;
}

/** Opens the store for reading, makes use of it and closes it again. Makes no file. @throws {StoreRefusedError} */
export async function withStoreToRead<T>(config: Config, use: (store: Store) => Promise<T>): Promise<T> {
  const { openStore } = await loadStores();
  return useAndClose(await openStore(config, { thread: false, readOnly: true }), use);
}

/** As {@link withStoreToRead}, for changing; an SQLite file only while no server has it. A store that is not there is not made. */
export async function withStoreToChange<T>(config: Config, use: (store: Store) => Promise<T>): Promise<T> {
  const { openStore } = await loadStores();
  return useAndClose(await openStore(config, { thread: false, mustExist: true }), use);
}

async function useAndClose<T>(store: Store, use: (store: Store) => Promise<T>): Promise<T> {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
