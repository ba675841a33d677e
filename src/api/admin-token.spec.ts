import { describe, expect, it } from '@jest/globals';
import { type Config } from '../config/config.js';
import { type LiveConfig } from '../config/live.js';
import { type Store } from '../store/store.js';
import { followAdminToken } from './admin-token.js';
import { isBearer } from './bearer.js';

/** A configuration that can be swapped, and a store that keeps one token. */
function trial() {
  let listener: (live: { config: Config }) => void = () => undefined;
  let config = {} as Config;
  const live = {
    current: () => ({ config }),
    onSwap: (told: typeof listener) => void (listener = told),
  } as unknown as LiveConfig;
  const store = { settle: () => Promise.resolve('kept') } as unknown as Store;
  const token = followAdminToken('first', { live, store, onTrouble: (error) => expect(error).toBeNull() });
  const swap = (adminToken: string | null) => {
    config = { adminToken, sources: new Map() } as unknown as Config;
    listener({ config });
  };
  return { token, swap };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the admin token', () => {
  it('follows the configuration at once', () => {
    const { token, swap } = trial();
    expect(token()).toBe('first');
    swap('second');
    expect(token()).toBe('second');
  });

  it('is the one of the store when the configuration names none any more', async () => {
    const { token, swap } = trial();
    swap(null);
    expect(token()).toBe('first');
    await settled();
    expect(token()).toBe('kept');
  });

  it('is the last one configured, however long the store takes', async () => {
    const { token, swap } = trial();
    swap(null);
    swap('third');
    await settled();
    expect(token()).toBe('third');
  });
});

describe('isBearer', () => {
  it.each(['Bearer secret', 'bearer secret', 'BEARER   secret '])('takes %j', (header) => {
    expect(isBearer(header, 'secret')).toBe(true);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'secret',
    'Basic secret',
    'Bearer secre',
    'Bearer secrets',
    'Bearer a secret',
  ])('refuses %j', (header) => {
    expect(isBearer(header, 'secret')).toBe(false);
    expect(isBearer(header, '')).toBe(false);
  });
});
