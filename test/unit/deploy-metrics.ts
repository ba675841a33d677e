import { Metrics } from '../../src/telemetry/metrics.js';
import { readDeploy, readYaml } from './deploy-files.js';

/** Labels by name of the metric; those of a histogram's parts as well. */
export type KnownMetrics = Map<string, readonly string[]>;

/** Set by Prometheus when it reads the page, whatever the metric. */
const SCRAPED_LABELS = ['job', 'instance'];

let reading: Promise<KnownMetrics> | null = null;

/** Everything that a server's `/metrics` holds, and `up`. Read once: process metrics watch the process. */
export function knownMetrics(): Promise<KnownMetrics> {
  return (reading ??= readMetrics());
}

async function readMetrics(): Promise<KnownMetrics> {
  const { registry } = new Metrics({ processMetrics: true });
  const known: KnownMetrics = new Map([['up', []]]);
  for (const { name, type } of await registry.getMetricsAsJSON()) {
    const labels = (registry.getSingleMetric(name) as unknown as { labelNames?: string[] }).labelNames ?? [];
    known.set(name, labels);
    if (String(type) === 'histogram')
      for (const [part, more] of [
        ['bucket', ['le']],
        ['sum', []],
        ['count', []],
      ] as const)
        known.set(`${name}_${part}`, [...labels, ...more]);
  }
  return known;
}

export interface Dashboard {
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
}

export interface Panel {
  id: number;
  title: string;
  type: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

export function readDashboard(): Dashboard {
  return JSON.parse(readDeploy('grafana/aftercall.json')) as Dashboard;
}

/** Queries of the dashboard by panel, its variables included. */
export function dashboardQueries({ panels, templating }: Dashboard): [string, string][] {
  return [
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }): [string, string] => [title, expr]),
    ),
    ...templating.list.flatMap(({ name, definition }): [string, string][] =>
      definition === undefined ? [] : [[`$${name}`, definition]],
    ),
  ];
}

export function alertQueries(): [string, string][] {
  const [{ groups } = { groups: [] }] = readYaml<{ groups: { rules: { alert: string; expr: string }[] }[] }>(
    'prometheus/alerts.yml',
  );
  return groups.flatMap(({ rules }) => rules.map(({ alert, expr }): [string, string] => [alert, expr]));
}

/** Metrics and labels of a query that no process has. */
export function queryProblems(query: string, known: KnownMetrics): string[] {
  const text = query.replace(/"[^"]*"/g, '""');
  const names = [...text.matchAll(/\b((?:aftercall|process|nodejs)_\w+|up)\b/g)].map(([, name = '']) => name);
  const labels = new Set([...SCRAPED_LABELS, ...names.flatMap((name) => known.get(name) ?? [])]);
  return [
    ...(names.length > 0 ? [] : ['asks for nothing']),
    ...names.filter((name) => !known.has(name)).map((name) => `there is no metric ${name}`),
    ...labelsOf(text)
      .filter((label) => !labels.has(label))
      .map((label) => `no metric here has the label ${label}`),
  ];
}

function labelsOf(text: string): string[] {
  const groupings = [...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  const matchers = [...text.matchAll(/[{,]\s*(\w+)\s*(?:=~|!~|!=|=)\s*""/g)].map(([, label = '']) => label);
  return [...groupings, ...matchers];
}

/** Panels that lie over each other, or beyond the grid of 24 columns. */
export function layoutProblems(panels: Panel[]): string[] {
  return panels.flatMap((panel, index) => {
    const { x, w } = panel.gridPos;
    const clash = panels.slice(index + 1).find((other) => overlap(panel.gridPos, other.gridPos));
    return [
      ...(x + w > 24 ? [`${panel.title} is too wide`] : []),
      ...(clash ? [`${panel.title} lies over ${clash.title}`] : []),
    ];
  });
}

function overlap(one: Panel['gridPos'], other: Panel['gridPos']): boolean {
  const apart =
    one.x + one.w <= other.x ||
    other.x + other.w <= one.x ||
    one.y + one.h <= other.y ||
    other.y + other.h <= one.y;
  return !apart;
}
