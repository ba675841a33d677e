import { describe, expect, it } from '@jest/globals';
import pc from 'picocolors';
import { compileCondition } from '../rules/condition.js';
import { describeCondition } from './describe-condition.js';

const plain = pc.createColors(false);
const describeOn = (when: object, data: object): string =>
  describeCondition(compileCondition({ when: when as never }, {}).explain(data), plain);

describe('describeCondition', () => {
  it('shows comparisons as lines with the values they saw', () => {
    const when = { and: [{ '>=': [{ var: 'duration' }, 60] }, { '==': [{ var: 'status' }, 'busy'] }] };
    expect(describeOn(when, { duration: 125, status: 'completed' })).toBe(
      '  ✗ and\n    ✓ duration (125) >= 60\n    ✗ status ("completed") == "busy"  <- decides\n',
    );
  });

  it('says what is missing', () => {
    expect(describeOn({ '>': [{ var: 'lead.age' }, 18] }, {})).toBe(
      '  ? lead.age (missing) > 18  <- decides\n',
    );
  });

  it('unfolds what is no plain comparison', () => {
    const when = { some: [{ var: 'list' }, { '==': [{ var: 'x' }, 2] }] };
    const shown = describeOn(when, { list: [{ x: 1 }, { x: 2 }] });
    expect(shown).toContain('✓ some (item 1 shown)  <- decides\n');
    expect(shown).toContain('    ✓ x (2) == 2\n');
  });

  it('cuts long values and spells control characters out', () => {
    const shown = describeOn({ '==': [{ var: 'text' }, '\u001b'] }, { text: 'x'.repeat(500) });
    expect(shown.length).toBeLessThan(150);
    expect(shown).not.toContain('\u001b');
  });
});
