import { randomUUID } from 'node:crypto';
import jsonLogic, { type RulesLogic } from 'json-logic-js';
import { cat, exists, merge, missing, missingSome, readVarOf } from './basics.js';
import { frame, type PrivateCall } from './frame.js';
import { FURTHER } from './further.js';
import { type LogicContext, type LogicNode, type Run } from './node.js';
import { UNDECIDED } from './undecided.js';

/**
 * The one operator that json-logic-js learns from us, under a name that nobody else uses: a host application
 * may use the same module, and must neither meet our operators nor be able to change them.
 */
const CALL = `aftercall:${randomUUID()}`;

jsonLogic.add_operation(CALL, function call(this: unknown, index: number, ...values: unknown[]) {
  return frame.calls[index]?.(this, values);
});

/** Operators that json-logic-js would run through inherited properties, or without bounds. */
const GUARDED: Record<string, PrivateCall> = {
  var: readVarOf,
  exists: (data, values) => exists(data, values),
  missing,
  missing_some: missingSome,
  cat: (_, values) => cat(values),
  merge: (_, values) => merge(values),
};

/** These hand their operands on as they are; all others may turn them into text or numbers. */
const HANDS_ON = new Set(['and', 'or', 'if', '?:', '!', '!!']);
const LOOPS = new Set(['some', 'none', 'all', 'filter', 'map', 'reduce']);

/**
 * Runs a condition by json-logic-js itself. Before, what reads data is exchanged for our own that sees own
 * properties only; loops are made to count their steps; and operators beyond json-logic-js are called back.
 */
export function asNullRun(operator: string, operands: LogicNode[], context: LogicContext): Run {
  let prepared: { rule: RulesLogic; calls: PrivateCall[] } | undefined;
  return (data) => {
    prepared ??= prepare(operator, operands, context);
    const { calls } = frame;
    frame.calls = prepared.calls;
    try {
      return jsonLogic.apply(prepared.rule, data) as unknown;
    } finally {
      frame.calls = calls;
    }
  };
}

function prepare(operator: string, operands: LogicNode[], context: LogicContext) {
  const rewriter = new Rewriter(context, operands.some(hasLoop) || LOOPS.has(operator));
  return { rule: rewriter.operation(operator, operands) as RulesLogic, calls: rewriter.calls };
}

function hasLoop(node: LogicNode): boolean {
  return (node.operator !== null && LOOPS.has(node.operator)) || node.operands.some(hasLoop);
}

class Rewriter {
  readonly calls: PrivateCall[] = [];
  readonly #weigh = this.#indexOf((_, [value]) => {
    frame.weigh(value);
    return value;
  });
  readonly #step = this.#indexOf((_, [value]) => {
    frame.produce(1);
    frame.weigh(value);
    return value;
  });

  constructor(
    private readonly context: LogicContext,
    private readonly hasLoops: boolean,
  ) {}

  operation(operator: string, nodes: LogicNode[]): unknown {
    const operands = nodes.map((node) => this.#node(node));
    const call = this.#callOf(operator, nodes);
    if (call) return { [CALL]: [this.#indexOf(call), ...operands] };
    if (LOOPS.has(operator)) return { [operator]: operands.map((operand, i) => this.#inLoop(operand, i)) };
    if (HANDS_ON.has(operator) || !this.hasLoops) return { [operator]: operands };
    return { [operator]: operands.map((operand) => ({ [CALL]: [this.#weigh, operand] })) };
  }

  #node(node: LogicNode): unknown {
    if (node.literal) return node.literal.value;
    if (node.operator === null) return node.operands.map((operand) => this.#node(operand));
    return this.operation(node.operator, node.operands);
  }

  /** Only the body, the second operand, runs once for every item. */
  #inLoop(operand: unknown, position: number): unknown {
    return position === 1 ? { [CALL]: [this.#step, operand] } : operand;
  }

  #callOf(operator: string, operands: LogicNode[]): PrivateCall | null {
    const guarded = GUARDED[operator];
    if (guarded) return guarded;
    const further = FURTHER[operator];
    if (!further) return null;
    const apply = further.prepare(this.context, operands);
    // json-logic-js has two values only: what we cannot know is null there, and null differs from everything.
    const unknown = operator === 'not_same' ? true : null;
    return (_, values) => {
      const value = apply(...values);
      return value === UNDECIDED ? unknown : value;
    };
  }

  #indexOf(call: PrivateCall): number {
    return this.calls.push(call) - 1;
  }
}
