import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { type Row, ratio } from './table.js';
import { TOKEN, benchRules, createWorkspace } from './workspace.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** `aftercall check` of 1,000 rules in one file, beside the same command with one rule (start-up alone). */
export async function benchCheck(): Promise<Row[]> {
  const [one, thousand] = [await checkSeconds(1), await checkSeconds(1_000)];
  return [
    {
      what: 'aftercall check of 1,000 rules',
      ours: `${thousand.toFixed(2)} s`,
      yardstick: `of 1 rule ${one.toFixed(2)} s`,
      ratio: ratio(thousand, one),
      goal: '<= 2 s',
    },
  ];
}

async function checkSeconds(count: number): Promise<number> {
  const workspace = await createWorkspace();
  const destinations = { sink: { kind: 'http', url: 'https://flows.example.com/hook' } };
  await workspace.write(
    { sources: { autocalls: { kind: 'autocalls', token: TOKEN } }, destinations },
    benchRules(count, 1),
  );
  const startedAt = performance.now();
  const result = spawnSync(process.execPath, [MAIN, 'check'], { cwd: workspace.dir, encoding: 'utf8' });
  const seconds = (performance.now() - startedAt) / 1000;
  await workspace.remove();
  if (result.status !== 0) throw new Error(`check failed: ${result.stdout}${result.stderr}`);
  return seconds;
}
