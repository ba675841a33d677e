import { loadAdapters } from '../../src/adapters/catalogue.js';
import { adapterContract } from './adapter-contract.js';

const kinds = await loadAdapters();

for (const [kind, adapter] of kinds)
  adapterContract(adapter, new URL(`../../src/adapters/${kind}/`, import.meta.url), kinds);
