import { performance } from 'node:perf_hooks';
import { LogicBudgetError } from './errors.js';

/** Elements visited by one evaluation: a few milliseconds of work, ten times the largest transcript. */
const MAX_STEPS = 1_000_000;

/** Characters and list items made by one evaluation. Twenty doublings of one letter reach it. */
const MAX_PRODUCED = 1_000_000;

/** The last resort, for steps that are slow each. Far beyond any pause of the machine that a good rule meets. */
const MAX_ELAPSED_MS = 1_000;
const STEPS_BETWEEN_CLOCK_LOOKS = 1_024;

/** Steps charged for carrying a text once more around a loop: reading it again costs about that much. */
const CHARACTERS_PER_STEP = 64;

export type PrivateCall = (data: unknown, values: unknown[]) => unknown;

/**
 * What one evaluation has at hand besides its data: the budget, the whole call, and the functions that a rule
 * handed to json-logic-js calls back. Evaluation is synchronous, so there is one frame. Rules without loops
 * never open it: outside `open` … `close` the budget has no bounds.
 */
class Frame {
  /** The whole data, also inside `some`, `map` and the like. */
  root: unknown = undefined;
  calls: readonly PrivateCall[] = [];
  #stepsLeft = Infinity;
  #roomLeft = Infinity;
  #nextLookAt = -Infinity;
  #deadline = Infinity;

  open(root: unknown): void {
    this.root = root;
    this.#stepsLeft = MAX_STEPS;
    this.#roomLeft = MAX_PRODUCED;
    this.#nextLookAt = MAX_STEPS - STEPS_BETWEEN_CLOCK_LOOKS;
    this.#deadline = performance.now() + MAX_ELAPSED_MS;
  }

  close(): void {
    this.root = undefined;
    this.#stepsLeft = Infinity;
    this.#roomLeft = Infinity;
    this.#nextLookAt = -Infinity;
  }

  /** @throws LogicBudgetError */
  spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < this.#nextLookAt) this.#look();
  }

  /** Counts characters or list items about to be made. @throws LogicBudgetError */
  produce(size: number): void {
    this.#roomLeft -= size;
    if (this.#roomLeft < 0)
      throw new LogicBudgetError(`the rule makes more than ${MAX_PRODUCED} characters or list items`);
  }

  /**
   * Charges a value that a loop hands on. Lists that hold one list twice grow without growing in memory, until
   * somebody turns them into text; so their full extent is walked and charged here.
   * @throws LogicBudgetError
   */
  weigh(value: unknown): void {
    if (typeof value === 'string') this.spend(1 + Math.floor(value.length / CHARACTERS_PER_STEP));
    else if (typeof value !== 'object' || value === null) this.spend(1);
    else {
      this.spend(1);
      for (const item of Array.isArray(value) ? value : Object.values(value)) this.weigh(item);
    }
  }

  #look(): void {
    if (this.#stepsLeft < 0) throw new LogicBudgetError(`the rule takes more than ${MAX_STEPS} steps`);
    if (performance.now() > this.#deadline)
      throw new LogicBudgetError(`the rule takes longer than ${MAX_ELAPSED_MS} ms`);
    this.#nextLookAt = this.#stepsLeft - STEPS_BETWEEN_CLOCK_LOOKS;
  }
}

export const frame = new Frame();

/** Runs with a fresh budget. @throws LogicBudgetError */
export function inFrame<T>(root: unknown, run: () => T): T {
  frame.open(root);
  try {
    return run();
  } finally {
    frame.close();
  }
}
