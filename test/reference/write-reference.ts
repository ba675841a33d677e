import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { loadAdapters } from '../../src/adapters/catalogue.js';
import { destinationsPage } from './destinations-page.js';

/** `npm run reference`: writes the pages of `docs/reference` that are made from the code. */
const PAGE = new URL('../../docs/reference/destinations.md', import.meta.url);

const options = await resolveConfig(PAGE);
await writeFile(
  PAGE,
  await format(destinationsPage(await loadAdapters()), { ...options, parser: 'markdown' }),
);
