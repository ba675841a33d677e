import { describe, expect, it } from '@jest/globals';
import { becauseOf } from './because.js';
import { compileNode } from './compile.js';
import { type ExplainNode, explainNode } from './explain.js';

function decidingOf(node: ExplainNode): ExplainNode[] {
  return [...(node.deciding ? [node] : []), ...node.operands.flatMap(decidingOf)];
}

const explain = (rule: unknown, data: unknown) => explainNode(compileNode(rule), data);
const because = (rule: unknown, data: unknown) => becauseOf(compileNode(rule), data);

describe('explain', () => {
  const rule = {
    and: [
      { '==': [{ var: 'status' }, 'completed'] },
      { or: [{ '>=': [{ var: 'duration' }, 20] }, { exists: ['lead.vip'] }] },
    ],
  };

  it('gives every part its value and marks the first that settled it', () => {
    const tree = explain(rule, { status: 'completed', duration: 5 });
    expect(tree).toMatchObject({ operator: 'and', result: 'false' });
    expect(tree.operands[0]).toMatchObject({ operator: '==', result: 'true' });
    expect(tree.operands[0]?.operands[0]).toMatchObject({
      operator: 'var',
      path: 'status',
      value: 'completed',
    });
    expect(decidingOf(tree)).toMatchObject([{ operator: 'or', result: 'false' }]);
  });

  it.each([
    [{ status: 'busy', duration: 5 }, '=='],
    [{ status: 'completed' }, '>='],
    [{ status: 'completed', duration: 60 }, 'and'],
  ])('on %j the deciding part is %s', (data, operator) => {
    expect(decidingOf(explain(rule, data)).map((node) => node.operator)).toEqual([operator]);
  });

  it('shows the item of a loop that settled it', () => {
    const loop = { all: [{ var: 'rows' }, { '>': [{ var: 'n' }, 1] }] };
    const tree = explain(loop, { rows: [{ n: 2 }, { n: 0 }, { n: 5 }] });
    expect(tree).toMatchObject({ operator: 'all', result: 'false', item: 1, deciding: true });
    expect(tree.operands[1]?.operands[0]).toMatchObject({ path: 'n', value: 0 });
  });

  it('shows a part that overran instead of throwing', () => {
    const bomb = { reduce: [{ var: 'l' }, { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] }, 'x'] };
    const tree = explain({ or: [{ '==': [bomb, 'y'] }, true] }, { l: Array.from({ length: 50 }, () => 1) });
    expect(tree.result).toBe('undecided');
    expect(tree.error).toMatch(/more than/);
    expect(tree.operands[1]).toMatchObject({ result: 'true', error: null });
  });

  it('is plain JSON of bounded size', () => {
    const tree = explain(
      { '!!': [{ var: '' }] },
      { transcript: 'x'.repeat(100_000), list: Array(1_000).fill([1]) },
    );
    const printed = JSON.stringify(tree);
    expect(JSON.parse(printed)).toEqual(tree);
    expect(printed.length).toBeLessThan(10_000);
  });

  it('explains rules that json-logic-js runs', () => {
    const node = compileNode(rule, { missing: 'as-null' });
    expect(explainNode(node, { status: 'completed' })).toMatchObject({ result: 'false' });
  });
});

describe('because', () => {
  const short = { '<': [{ var: 'duration' }, 60] };

  it.each([
    [short, {}, [{ path: 'duration', problem: 'missing' }]],
    [short, { duration: 'long' }, [{ path: 'duration', problem: 'not_a_number' }]],
    [
      { and: [short, { '>': [{ var: 'age' }, 1] }] },
      {},
      [
        { path: 'duration', problem: 'missing' },
        { path: 'age', problem: 'missing' },
      ],
    ],
    [{ or: [short, { '==': [1, 2] }] }, {}, [{ path: 'duration', problem: 'missing' }]],
    [{ if: [false, short, { '!': [short] }] }, {}, [{ path: 'duration', problem: 'missing' }]],
    [{ '>': [{ '+': [{ var: 'a' }, { var: 'b' }] }, 1] }, { a: 1 }, [{ path: 'b', problem: 'missing' }]],
    [{ not_same: [{ var: 'status' }, 'x'] }, { status: ' ' }, [{ path: 'status', problem: 'missing' }]],
    [{ hour: [{ var: 't' }, 'UTC'] }, { t: 'noon' }, [{ path: 't', problem: 'not_a_time' }]],
    [{ hour: [{ var: 't' }, { var: 'z' }] }, { t: 1, z: 'Mars' }, [{ path: 'z', problem: 'unknown_zone' }]],
    [{ minutes_since: ['2025-01-01T00:00:00Z'] }, {}, [{ path: 'received_at', problem: 'missing' }]],
    [
      { some: [{ var: 'rows' }, short] },
      { rows: [{}, { duration: 90 }] },
      [{ path: 'duration', problem: 'missing' }],
    ],
    [
      { '<': [{ if: [{ exists: ['t', 'not_empty'] }, { var: 't' }, null] }, 'x'] },
      {},
      [{ path: 't', problem: 'missing' }],
    ],
  ])('%j on %j', (rule, data, expected) => {
    expect(because(rule, data)).toEqual(expected);
  });

  it('is empty when the rule is decided', () => {
    expect(because({ or: [short, true] }, {})).toEqual([]);
  });
});
