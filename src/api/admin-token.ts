import { type Config } from '../config/config.js';
import { type LiveConfig } from '../config/live.js';
import { type Store } from '../store/store.js';
import { settleTokens } from '../tokens.js';

export interface TokenParts {
  live: LiveConfig;
  store: Store;
  onTrouble: (error: unknown) => void;
}

/** The admin token in force, also after a reload that changed it or left it out. */
export function followAdminToken(first: string, { live, store, onTrouble }: TokenParts): () => string {
  let token = first;
  const follow = async (config: Config): Promise<void> => {
    if (config.adminToken !== null) token = config.adminToken;
    else {
      const kept = (await settleTokens(config, store)).admin;
      // By now another reload may have brought one.
      if (live.current().config.adminToken === null) token = kept;
    }
  };
  live.onSwap(({ config }) => void follow(config).catch(onTrouble));
  return () => token;
}
