import { copyStore } from '../../src/store/copy-store.js';
import { postgres, sqlite } from '../../src/store/dialect.js';
import { migrationsFor } from '../../src/store/migrations/migrations.js';
import { openTargetDatabase } from '../../src/store/postgres/copy-database.js';
import { openSourceFile } from '../../src/store/sqlite/copy-database.js';

/** Copies a file into a database, three rows at a time, and prints each step: `copy-process.ts <file> <url>`. */
const [file = '', url = ''] = process.argv.slice(2);
await copyStore({
  source: openSourceFile(file, migrationsFor(sqlite)),
  target: await openTargetDatabase(url, migrationsFor(postgres)),
  page: { rows: 3, bytes: 1_000_000 },
  onProgress: ({ step, table, rows }) => process.stdout.write(`${step} ${table} ${rows}\n`),
});
