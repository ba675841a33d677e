import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  alertQueries,
  dashboardQueries,
  knownMetrics,
  layoutProblems,
  queryProblems,
  readDashboard,
} from './deploy-metrics.js';
import { ROOT } from './doc-examples.js';

describe('dashboard and alerts', () => {
  const queries = [...dashboardQueries(readDashboard()), ...alertQueries()];

  it.each(queries)('%s asks for metrics and labels that exist: %s', async (_, query) => {
    expect(queryProblems(query, await knownMetrics())).toEqual([]);
  });

  it.each([
    ['sum(aftercall_event_total)', 'there is no metric aftercall_event_total'],
    ['nodejs_eventloop_lag', 'there is no metric nodejs_eventloop_lag'],
    ['sum by (sauce) (aftercall_events_total)', 'no metric here has the label sauce'],
    ['aftercall_deliveries{status="dead"}', 'no metric here has the label status'],
    ['1 + 1', 'asks for nothing'],
  ])('would be told of: %s', async (query, problem) => {
    expect(queryProblems(query, await knownMetrics())).toEqual([problem]);
  });

  it('shows every metric of ours', async () => {
    const shown = dashboardQueries(readDashboard())
      .map(([, query]) => query)
      .join('\n');
    const ours = [...(await knownMetrics()).keys()].filter((name) =>
      /^aftercall_.*(?<!_sum|_count)$/.test(name),
    );
    expect(ours.filter((name) => !shown.includes(name) && !shown.includes(`${name}_bucket`))).toEqual([]);
  });

  it('has panels that say what they show, side by side', () => {
    const { panels } = readDashboard();
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(layoutProblems(panels)).toEqual([]);
    const shifted = panels.map((panel) => ({ ...panel, gridPos: { ...panel.gridPos, y: 0 } }));
    expect(layoutProblems(shifted)).not.toEqual([]);
    expect(panels.filter(({ type, description }) => type !== 'row' && !description)).toEqual([]);
  });
});

const PROMTOOL = process.env.AFTERCALL_TEST_PROMTOOL ?? 'promtool';
const hasPromtool = spawnSync(PROMTOOL, ['--version']).error === undefined;

(hasPromtool ? describe : describe.skip)('promtool (of Debian’s package prometheus)', () => {
  const promtool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(PROMTOOL, args, {
      encoding: 'utf8',
      cwd: join(ROOT, 'test/unit'),
    });
    return status === 0 ? 'fine' : stdout + stderr;
  };

  it('takes configuration and alerts', () => {
    expect(promtool('check', 'config', join(ROOT, 'deploy/prometheus/prometheus.yml'))).toBe('fine');
  });

  it('fires each alert for its trouble only', () => {
    expect(promtool('test', 'rules', 'deploy-alerts.test.yaml')).toBe('fine');
  });

  it('takes the queries of the dashboard', () => {
    const dir = mkdtempSync(join(tmpdir(), 'aftercall-queries-'));
    try {
      expect(promtool('check', 'rules', asRules(dir, ''))).toBe('fine');
      expect(promtool('check', 'rules', asRules(dir, ')'))).not.toBe('fine');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

/** The dashboard's queries in a form that promtool reads, each with something behind it. */
function asRules(dir: string, behind: string): string {
  const queries = readDashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const rules = queries.map((expr, index) => ({
    record: `panel:${'x'.repeat(index + 1)}`,
    expr: expr.replaceAll('$__rate_interval', '5m').replace(/\$\w+/g, '') + behind,
  }));
  const file = join(dir, 'rules.yml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  return file;
}
