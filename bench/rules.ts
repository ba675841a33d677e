import { performance } from 'node:perf_hooks';
import { readFile } from 'node:fs/promises';
import jsonLogic, { type RulesLogic } from 'json-logic-js';
import { callData } from '../src/domain/call-data.js';
import { type RuleContent, type RuleSetContent } from '../src/rules/rule.js';
import { RuleBook } from '../src/rules/rule-book.js';
import { source } from '../src/sources/autocalls/autocalls.source.js';
import { type Json } from '../src/lib/json.js';
import { type Row, ratio } from './table.js';

const COUNTS = [1, 10, 100, 1_000, 10_000];
const GOALS: Record<number, string> = { 100: '<= 15 µs', 10_000: '<= 100 µs' };

/** Deciding one call by n rules, beside json-logic-js running the same n conditions one after another. */
export async function benchRulesByCount(): Promise<Row[]> {
  const data = await sampleData();
  return COUNTS.map((count) => {
    const conditions = Array.from({ length: count }, (_, index) => condition(index));
    const book = new RuleBook(ruleSet(conditions));
    const from = { name: 'autocalls', labels: {} };
    const ours = microseconds(() => book.decide(data, from));
    const reference = microseconds(() => {
      for (const one of conditions) jsonLogic.apply(one as RulesLogic, data);
    });
    return {
      what: `deciding by ${count} rules`,
      ours: `${ours.toFixed(2)} µs`,
      yardstick: `json-logic-js ${reference.toFixed(2)} µs`,
      ratio: ratio(ours, reference),
      goal: GOALS[count] ?? '',
    };
  });
}

async function sampleData() {
  const file = new URL('../test/fixtures/autocalls/completed-campaign.json', import.meta.url);
  const reading = source.read(await readFile(file));
  if (reading.as !== 'call') throw new Error('the sample is not a call');
  return callData(reading.call, { source: 'autocalls', labels: {}, eventId: 'e', receivedAt: 0 });
}

/** Every hundredth rule matches; the others ask for another value, as rules of a desk do. */
function condition(index: number): Json {
  const value = index % 100 === 0 ? 'high' : `quality-${index}`;
  return {
    and: [
      { '==': [{ var: 'extracted_variables.lead_quality' }, value] },
      { '==': [{ var: 'status' }, 'completed'] },
      { '>=': [{ var: 'duration' }, index % 120] },
    ],
  };
}

function ruleSet(conditions: Json[]): RuleSetContent {
  const rules = conditions.map((when, index): RuleContent => ({
    id: `rule-${index}`,
    file: 'rules/bench.yaml',
    title: null,
    state: 'live',
    sources: 'all',
    condition: { when },
    missing: 'undecided',
    stop: false,
    catchAll: false,
    order: 0,
    maxAgeMs: null,
    actions: [],
  }));
  return { timezone: 'UTC', tables: {}, calendars: {}, templates: {}, rules };
}

/** Mean of the best of seven timed batches, after warming up. */
function microseconds(work: () => void): number {
  const once = timed(work, 1);
  const times = Math.max(5, Math.min(200_000, Math.ceil(0.08 / Math.max(once, 1e-7))));
  timed(work, times);
  const batches = Array.from({ length: 7 }, () => timed(work, times) / times);
  return Math.min(...batches) * 1e6;
}

function timed(work: () => void, times: number): number {
  const startedAt = performance.now();
  for (let index = 0; index < times; index += 1) work();
  return (performance.now() - startedAt) / 1000;
}
