/** Something wrong with a rule as written. `path` leads from the top of the rule, e.g. `and[0].==[1]`. */
export interface LogicProblem {
  path: string;
  message: string;
}

export interface LogicFinding extends LogicProblem {
  severity: 'error' | 'warning';
}

/** A rule that cannot be compiled, with every reason found. */
export class LogicError extends Error {
  override readonly name = 'LogicError';

  constructor(readonly problems: LogicProblem[]) {
    super(problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('\n'));
  }
}

/** A rule that ran over its steps, produced too much or took too long on one piece of data. */
export class LogicBudgetError extends Error {
  override readonly name = 'LogicBudgetError';
}
