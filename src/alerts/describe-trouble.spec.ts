import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Trouble } from '../store/store.js';
import { describeTroubles } from './describe-trouble.js';

function trouble(changes: Partial<Trouble> = {}): Trouble {
  return {
    ...{ reason: 'dead' as const, name: 'crm', rule: 'hot-lead', why: 'server_error' },
    ...{ count: 1, exampleId: '01a2' },
    ...changes,
  };
}

describe('describeTroubles', () => {
  it('says what died, where, why, by which rule, and what to type next', () => {
    expect(describeTroubles([trouble()])).toEqual([
      {
        ...{ reason: 'dead', cause: 'dead crm server_error', count: 1 },
        line: '1 delivery to crm died (server_error; rule hot-lead). Look: aftercall deliveries show 01a2',
      },
    ]);
  });

  it('does not tell what was said in the call', () => {
    const [finding] = describeTroubles([
      trouble({ reason: 'held', why: 'unreadable_time: "when my wife is back"' }),
    ]);
    expect(finding?.line).toBe(
      '1 delivery to crm is held (unreadable_time; rule hot-lead). Look: aftercall deliveries show 01a2',
    );
  });

  it('takes a destination that fails for several rules for one cause', () => {
    const [finding, ...others] = describeTroubles([trouble({ count: 9 }), trouble({ rule: 'missed-call' })]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ cause: 'dead crm server_error', count: 10 });
    expect(finding?.line).toBe(
      '10 deliveries to crm died (server_error; rules hot-lead, missed-call). One of them: aftercall deliveries show 01a2',
    );
  });

  it('takes what a rule may be to blame for for one cause per rule', () => {
    const held = [trouble({ reason: 'held', why: 'missing: lead.variables.email' })];
    const rejected = [
      trouble({ why: 'client_error' }),
      trouble({ why: 'client_error', rule: 'missed-call' }),
    ];
    expect(describeTroubles([...held, ...rejected]).map(({ cause }) => cause)).toEqual([
      'held crm hot-lead missing',
      'dead crm hot-lead client_error',
      'dead crm missed-call client_error',
    ]);
  });

  it('says what is held, also where no destination was found', () => {
    const held = trouble({ reason: 'held', name: '', why: 'no_row: table team_of', count: 2 });
    expect(describeTroubles([held])[0]?.line).toBe(
      '2 deliveries without a destination are held (no_row: table team_of; rule hot-lead). One of them: aftercall deliveries show 01a2',
    );
  });

  it('says what was quarantined', () => {
    const quarantined = trouble({ reason: 'quarantined', name: 'autocalls', rule: '', why: '' });
    expect(describeTroubles([quarantined])).toEqual([
      {
        ...{ reason: 'quarantined', cause: 'quarantined autocalls', count: 1 },
        line: '1 webhook of source autocalls could not be read and is kept as quarantined. Look: aftercall events show 01a2',
      },
    ]);
  });

  it('shows neither phone numbers nor addresses, should a reason ever quote one', () => {
    const [finding] = describeTroubles([trouble({ why: 'invalid_input: +4366412345678 jane@example.com' })]);
    expect(finding?.line).not.toMatch(/66412345|jane/);
  });

  it('keeps lines short and counts everything, whatever the store says', () => {
    const any = fc.record({
      reason: fc.constantFrom('dead' as const, 'held' as const, 'quarantined' as const),
      name: fc.constantFrom('crm', 'mail', ''),
      rule: fc.stringMatching(/^[a-z]{1,8}$/),
      why: fc.oneof(fc.constantFrom('timeout', 'unknown: timeout'), fc.string({ maxLength: 5_000 })),
      count: fc.integer({ min: 1, max: 1_000 }),
      exampleId: fc.uuid(),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 50 }), (troubles) => {
        const findings = describeTroubles(troubles);
        const sum = (counted: { count: number }[]) => counted.reduce((total, { count }) => total + count, 0);
        expect(sum(findings)).toBe(sum(troubles));
        expect(new Set(findings.map(({ cause }) => cause)).size).toBe(findings.length);
        for (const { line } of findings) {
          expect(line.length).toBeLessThan(1_500);
          expect(line).not.toContain('\n');
        }
      }),
    );
  });
});
