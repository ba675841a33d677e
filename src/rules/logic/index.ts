export { checkLogic } from './check.js';
export { compile } from './compile.js';
export { LogicBudgetError, LogicError, type LogicFinding, type LogicProblem } from './errors.js';
export { type LogicOptions } from './node.js';
export { UNDECIDED } from './undecided.js';
