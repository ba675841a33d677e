import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { loadAdapters } from '../../src/adapters/catalogue.js';
import { destinationsPage } from '../reference/destinations-page.js';

/** Prettier pads tables and may write emphasis its own way; the words are ours. */
const wordsOf = (page: string) => page.replace(/[\s|*_-]+/g, ' ').trim();

it('the reference of destinations says what the schemas say (npm run reference writes it anew)', async () => {
  const page = await readFile(new URL('../../docs/reference/destinations.md', import.meta.url), 'utf8');
  expect(wordsOf(page)).toBe(wordsOf(destinationsPage(await loadAdapters())));
});
