import { afterEach, beforeEach, describe } from '@jest/globals';
import { type Store } from '../../src/store/store.js';
import { acceptContract } from './store-contract-accept.js';
import { alertContract } from './store-contract-alerts.js';
import { commandContract } from './store-contract-commands.js';
import { contactContract } from './store-contract-contacts.js';
import { digestContract } from './store-contract-digests.js';
import { factContract } from './store-contract-facts.js';
import { fleetContract } from './store-contract-fleet.js';
import { followUpContract } from './store-contract-follow-ups.js';
import { listContract } from './store-contract-lists.js';
import { lookupContract } from './store-contract-lookup.js';
import { orderContract } from './store-contract-order.js';
import { pruneContract } from './store-contract-prune.js';
import { resultContract } from './store-contract-results.js';
import { replayContract } from './store-contract-replay.js';
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
    orderContract(store);
    commandContract(store);
    lookupContract(store);
    listContract(store);
    replayContract(store);
    pruneContract(store);
    alertContract(store);
    fleetContract(store);
    resultContract(store);
    contactContract(store);
    factContract(store);
    followUpContract(store);
    digestContract(store);
  });
}
