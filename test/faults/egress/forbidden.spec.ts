import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type ForbiddenReport } from './forbidden-process.js';
import { FORBIDDEN, LOOPBACK, UNREACHABLE } from './spellings.js';

const PROGRAM = fileURLToPath(new URL('./forbidden-process.ts', import.meta.url));
const REGISTER_TS = new URL('../../support/register-ts.mjs', import.meta.url).href;

/**
 * A network namespace, as root or within a user namespace, lets this machine have every address there is. A
 * machine that forbids it still has its loopback addresses. Whether it does is found out by a probe, so that
 * whatever goes wrong later is a failure.
 */
const PROBE = 'ip link set lo up && ip route add local 0.0.0.0/0 dev lo && ip -6 route add local ::/0 dev lo';
const NAMESPACES = [['-n'], ['-r', '-n']];
const namespace = NAMESPACES.find(
  (flags) => spawnSync('unshare', [...flags, 'sh', '-c', PROBE], { stdio: 'ignore' }).status === 0,
);

function run(): Promise<ForbiddenReport> {
  const node = [process.execPath, '--no-warnings', '--import', REGISTER_TS, PROGRAM];
  const [command = '', ...args] = namespace ? ['unshare', ...namespace, ...node, '--namespace'] : node;
  return promisify(execFile)(command, args, { timeout: 110_000 }).then(
    ({ stdout }) => JSON.parse(stdout) as ForbiddenReport,
  );
}

describe(
  namespace
    ? 'with every address on this machine'
    : 'with loopback addresses only (no network namespace here)',
  () => {
    let report: ForbiddenReport;
    beforeAll(async () => {
      report = await run();
    }, 120_000);

    it('tries at least 60 ranges in at least 12 spellings', () => {
      expect(report.ranges).toBeGreaterThanOrEqual(60);
      expect(report.fewestSpellings).toBeGreaterThanOrEqual(12);
      expect(report.guarded.tried).toBeGreaterThanOrEqual(60 * 12 * 3);
    });

    it('lets no connection arrive, and says why', () => {
      expect(report.guarded).toMatchObject({ arrived: 0, refused: report.guarded.tried, others: [] });
    });

    it('reaches the listeners without the guard', () => {
      const expected = namespace
        ? Object.keys(FORBIDDEN).filter((range) => !UNREACHABLE.includes(range))
        : LOOPBACK;
      expect(report.control.reached).toEqual(expect.arrayContaining(expected));
      expect(report.control.arrived).toBeGreaterThanOrEqual(expected.length * 12);
    });

    it('loses none of 1,000 rebinding races', () => {
      expect(report.rebinding).toMatchObject({ races: 1000, inside: 0 });
      expect(report.rebinding.harmless).toBeGreaterThanOrEqual(1000);
    });

    it('loses them when what is checked is not what is dialled', () => {
      expect(report.naive.inside).toBeGreaterThan(0);
    });
  },
);
