import { type Because } from '../../domain/decision.js';
import { inFrame } from './frame.js';
import { contextOf, type LogicContext, type LogicNode, type LogicOptions } from './node.js';
import { OPERATORS } from './operators.js';
import { isTruthy, UNDECIDED } from './undecided.js';

/** Enough to act on; a list of thousands would name the same few paths again. */
const MAX_ITEMS = 100;

const CARRIES = new Set(['and', 'or', '!', '!!']);
const LOOPS = new Set(['some', 'none', 'all', 'filter', 'map', 'reduce']);

/**
 * The paths, as written in the rule, that made it undecided on this data. Runs the undecided parts once more,
 * one by one; the ordinary evaluation keeps no record.
 */
export function becauseOf(node: LogicNode, data: unknown, options?: LogicOptions): Because[] {
  const tracer = new Tracer(data, contextOf(options));
  tracer.trace(node, data);
  return [...tracer.found.values()];
}

class Tracer {
  readonly found = new Map<string, Because>();

  constructor(
    private readonly root: unknown,
    private readonly context: LogicContext,
  ) {}

  trace(node: LogicNode, data: unknown): void {
    if (!this.#isUndecided(node, data)) return;
    const { operator, operands } = node;
    if (operator === null || CARRIES.has(operator)) this.#traceAll(operands, data);
    else if (operator === 'if' || operator === '?:') this.#traceChoice(operands, data);
    else if (LOOPS.has(operator)) this.#traceLoop(operator, operands, data);
    else if (operands.some((operand) => this.#isUndecided(operand, data))) this.#traceAll(operands, data);
    else this.#blame(node, data);
  }

  #traceAll(operands: LogicNode[], data: unknown): void {
    for (const operand of operands) this.trace(operand, data);
  }

  /** The conditions before the undecided one were false, so it or the chosen value is to blame. */
  #traceChoice(operands: LogicNode[], data: unknown): void {
    for (let i = 0; i < operands.length; i += 2) {
      const condition = operands[i] as LogicNode;
      const value = this.#run(condition, data);
      const isLast = i === operands.length - 1;
      if (isLast || value === UNDECIDED) return this.trace(condition, data);
      if (isTruthy(value)) return this.trace(operands[i + 1] as LogicNode, data);
    }
  }

  #traceLoop(operator: string, [source, body, initial]: LogicNode[], data: unknown): void {
    for (const operand of [source, initial]) if (operand) this.trace(operand, data);
    const items = source ? this.#run(source, data) : null;
    if (!Array.isArray(items) || !body) return;
    if (operator === 'reduce') this.#traceReduction(items as unknown[], body, initial, data);
    else for (const item of (items as unknown[]).slice(0, MAX_ITEMS)) this.trace(body, item);
  }

  #traceReduction(items: unknown[], body: LogicNode, initial: LogicNode | undefined, data: unknown): void {
    let accumulator = initial ? this.#run(initial, data) : null;
    for (const current of items.slice(0, MAX_ITEMS)) {
      if (accumulator === UNDECIDED) return;
      const scope = { current, accumulator };
      accumulator = this.#run(body, scope);
      if (accumulator === UNDECIDED) this.trace(body, scope);
    }
  }

  #blame(node: LogicNode, data: unknown): void {
    const values = node.operands.map((operand) => this.#run(operand, data));
    const operator = OPERATORS.get(node.operator as string);
    const blames = this.#framed(node, () => operator?.blame?.(values, this.context) ?? []);
    for (const blame of blames) {
      if ('path' in blame) this.#add(blame);
      else
        for (const path of pathsIn(node.operands[blame.operand])) this.#add({ path, problem: blame.problem });
    }
  }

  #add(because: Because): void {
    this.found.set(`${because.path} ${because.problem}`, because);
  }

  #isUndecided(node: LogicNode, data: unknown): boolean {
    return !node.literal && this.#run(node, data) === UNDECIDED;
  }

  #run(node: LogicNode, data: unknown): unknown {
    return this.#framed(node, () => node.run(data));
  }

  /** Every part has a budget of its own, or tracing would run out of it where deciding did not. */
  #framed<T>(node: LogicNode, run: () => T): T {
    return node.isCostly || node.readsRoot ? inFrame(this.root, run) : run();
  }
}

/** Paths that an operand reads; `''` for one that reads none. */
function pathsIn(node: LogicNode | undefined): string[] {
  const paths = node ? [...new Set(collectPaths(node))] : [];
  return paths.length > 0 ? paths : [''];
}

function collectPaths(node: LogicNode): string[] {
  return [...(node.path === null ? [] : [node.path]), ...node.operands.flatMap(collectPaths)];
}
