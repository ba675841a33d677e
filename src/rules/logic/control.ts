import { frame } from './frame.js';
import { type LogicNode, type Operator, type Run } from './node.js';
import { isTruthy, UNDECIDED } from './undecided.js';

function runsOf(operands: LogicNode[]): Run[] {
  return operands.map((operand) => operand.run);
}

/** The first false operand, or else the last; undecided when none is false but one undecided. */
const and: Operator = {
  build(operands) {
    const runs = runsOf(operands);
    return (data) => {
      let last: unknown = undefined;
      let undecided = false;
      for (const run of runs) {
        last = run(data);
        if (last === UNDECIDED) undecided = true;
        else if (!isTruthy(last)) return last;
      }
      return undecided ? UNDECIDED : last;
    };
  },
};

/** The first true operand, or else the last; undecided when none is true but one undecided. */
const or: Operator = {
  build(operands) {
    const runs = runsOf(operands);
    return (data) => {
      let last: unknown = undefined;
      let undecided = false;
      for (const run of runs) {
        last = run(data);
        if (last === UNDECIDED) undecided = true;
        else if (isTruthy(last)) return last;
      }
      return undecided ? UNDECIDED : last;
    };
  },
};

/** `if`: condition, value, condition, value, …, otherwise. */
const choose: Operator = {
  build(operands) {
    const runs = runsOf(operands);
    return (data) => {
      let i = 0;
      for (; i < runs.length - 1; i += 2) {
        const condition = (runs[i] as Run)(data);
        if (condition === UNDECIDED) return UNDECIDED;
        if (isTruthy(condition)) return (runs[i + 1] as Run)(data);
      }
      return i < runs.length ? (runs[i] as Run)(data) : null;
    };
  },
};

function truth(ofTrue: boolean): Operator {
  return {
    build(operands) {
      const run = operands[0]?.run ?? (() => undefined);
      return (data) => {
        const value = run(data);
        return value === UNDECIDED ? UNDECIDED : isTruthy(value) === ofTrue;
      };
    },
  };
}

const nothing: Run = () => undefined;

/** The list to walk and what to run on each of its items; everything but a list has no items. */
function loop(walk: (items: unknown[], body: Run) => unknown): Operator {
  return {
    isCostly: true,
    build(operands) {
      const source = operands[0]?.run ?? nothing;
      const body = operands[1]?.run ?? nothing;
      return (data) => {
        const items = source(data);
        if (items === UNDECIDED) return UNDECIDED;
        return walk(Array.isArray(items) ? items : [], body);
      };
    },
  };
}

/** Whether some item makes the body `wanted`; undecided when none does but one might. */
function anyItem(items: unknown[], body: Run, wanted: boolean): boolean | typeof UNDECIDED {
  let undecided = false;
  for (const item of items) {
    frame.spend(1);
    const value = body(item);
    if (value === UNDECIDED) undecided = true;
    else if (isTruthy(value) === wanted) return true;
  }
  return undecided ? UNDECIDED : false;
}

function negated(value: boolean | typeof UNDECIDED): boolean | typeof UNDECIDED {
  return value === UNDECIDED ? UNDECIDED : !value;
}

function filterItems(items: unknown[], body: Run): unknown {
  const kept: unknown[] = [];
  for (const item of items) {
    frame.spend(1);
    const value = body(item);
    if (value === UNDECIDED) return UNDECIDED;
    if (isTruthy(value)) kept.push(item);
  }
  frame.produce(kept.length);
  return kept;
}

function mapItems(items: unknown[], body: Run): unknown {
  frame.produce(items.length);
  const mapped: unknown[] = [];
  for (const item of items) {
    const value = body(item);
    if (value === UNDECIDED) return UNDECIDED;
    frame.weigh(value);
    mapped.push(value);
  }
  return mapped;
}

const reduce: Operator = {
  isCostly: true,
  build(operands) {
    const source = operands[0]?.run ?? nothing;
    const body = operands[1]?.run ?? nothing;
    const initial = operands[2]?.run ?? (() => null);
    return (data) => {
      const items = source(data);
      let accumulator = initial(data);
      if (items === UNDECIDED || accumulator === UNDECIDED) return UNDECIDED;
      for (const current of Array.isArray(items) ? (items as unknown[]) : []) {
        accumulator = body({ current, accumulator });
        if (accumulator === UNDECIDED) return UNDECIDED;
        frame.weigh(accumulator);
      }
      return accumulator;
    };
  },
};

export const CONTROL: Record<string, Operator> = {
  and,
  or,
  if: choose,
  '?:': choose,
  '!': truth(false),
  '!!': truth(true),
  some: loop((items, body) => anyItem(items, body, true)),
  none: loop((items, body) => negated(anyItem(items, body, true))),
  all: loop((items, body) => items.length > 0 && negated(anyItem(items, body, false))),
  filter: loop(filterItems),
  map: loop(mapItems),
  reduce,
};
