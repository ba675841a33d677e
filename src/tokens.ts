import { randomBytes } from 'node:crypto';
import { type Config } from './config/config.js';
import { type Store } from './store/store.js';

/** Tokens in force, by what they open. */
export interface Tokens {
  /** By source; two while rotating. */
  hooks: Map<string, string[]>;
  admin: string;
}

/** Tokens in force: those of the configuration, or one made on first use and kept in the store. */
export async function settleTokens(config: Config, store: Store): Promise<Tokens> {
  const admin = config.adminToken ?? (await store.settle('admin.token', newToken()));
  return { hooks: await settleHookTokens(config, store), admin };
}

/** The hook tokens alone, e.g. for a source that a reload brought. */
export async function settleHookTokens(config: Config, store: Store): Promise<Map<string, string[]>> {
  const hooks = new Map<string, string[]>();
  for (const { name, tokens } of config.sources.values()) {
    const made = tokens.length > 0 ? [] : [await store.settle(`source.${name}.token`, newToken())];
    hooks.set(name, [...tokens, ...made]);
  }
  return hooks;
}

/** 192 random bits, safe in a URL. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}
