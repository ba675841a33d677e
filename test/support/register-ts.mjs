// Lets Node run the project's TypeScript as it stands (`node --import ./test/support/register-ts.mjs x.ts`):
// the demo, the benchmarks and the fault harness need no second build.
import { register } from 'node:module';

register('./ts-hooks.mjs', import.meta.url);
