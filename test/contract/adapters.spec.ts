import { existsSync } from 'node:fs';
import { loadAdapters } from '../../src/adapters/catalogue.js';
import { adapterContract } from './adapter-contract.js';

const kinds = await loadAdapters();

for (const [kind, adapter] of kinds) {
  const folder = new URL(`../../src/adapters/${kind}/`, import.meta.url);
  const hasStandIn = existsSync(new URL(`../support/stand-ins/${kind}.stand-in.ts`, import.meta.url));
  adapterContract(adapter, { folder, kinds, hasStandIn });
}
