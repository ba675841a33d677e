import { type Because, type Verdict } from '../domain/decision.js';
import { type Colours } from './io.js';
import { columns, printable } from './print.js';

interface Decision {
  rule: string;
  verdict: Verdict;
  shadow: boolean;
  because: readonly Because[];
}

/** A line for each rule, with what was missing where it was undecided. */
export function describeDecisions(decisions: readonly Decision[], colours: Colours): string {
  const rows = columns(decisions.map((decision) => [decision.rule, wordsFor(decision)]));
  const lines = rows.map((row, i) => paintFor(decisions[i]?.verdict, colours)(`  ${row.join('  ')}`));
  return lines.length === 0 ? '  none\n' : `${lines.join('\n')}\n`;
}

function wordsFor({ verdict, shadow, because }: Decision): string {
  const why = becauseWords(because);
  const words = `${verdict.replaceAll('_', ' ')}${shadow ? ' (shadow)' : ''}`;
  return printable(why === '' ? words : `${words}: ${why}`);
}

/** `duration missing, lead.variables.plan missing` */
export function becauseWords(because: readonly Because[]): string {
  const words = ({ path, problem }: Because) =>
    problem === 'own_call' ? 'this rule led to the call (on_own_calls)' : `${path} ${problem}`;
  return because.map(words).join(', ');
}

function paintFor(verdict: Verdict | undefined, colours: Colours): (text: string) => string {
  if (verdict === 'fired') return colours.green;
  if (verdict === 'undecided') return colours.yellow;
  return verdict === 'error' ? colours.red : colours.dim;
}
