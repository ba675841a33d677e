import { readdir } from 'node:fs/promises';
import { loadAdapters } from '../../src/adapters/catalogue.js';
import { type StandInKind } from '../support/stand-ins/stand-in.js';
import { standInContract } from './stand-in-contract.js';

const FOLDER = new URL('../support/stand-ins/', import.meta.url);

const kinds = await loadAdapters();
const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.stand-in.ts'));

for (const file of files.sort()) {
  const { standIn } = (await import(new URL(file, FOLDER).href)) as { standIn: StandInKind };
  const adapter = kinds.get(standIn.kind);
  if (adapter === undefined)
    throw new Error(`${file} stands in for the kind ${standIn.kind}, which is not there`);
  standInContract(adapter, standIn);
}
