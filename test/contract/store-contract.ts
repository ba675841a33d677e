import { afterEach, beforeEach, describe } from '@jest/globals';
import { type Store } from '../../src/store/store.js';
import { acceptContract } from './store-contract-accept.js';
import { lookupContract } from './store-contract-lookup.js';
import { revisionContract } from './store-contract-revision.js';
import { sendingContract } from './store-contract-sending.js';

/** What every store must do. `open` gives an empty one each time. */
export function storeContract(
  name: string,
  open: () => Promise<{ store: Store; close: () => Promise<void> }>,
): void {
  describe(`store contract: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    const store = (): Store => opened.store;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    acceptContract(store);
    revisionContract(store);
    sendingContract(store);
    lookupContract(store);
  });
}
