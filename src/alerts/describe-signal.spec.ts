import { describe, expect, it } from '@jest/globals';
import { type ConfigProblem } from '../config/config.js';
import { configurationRejected, laneOpened, ruleUndecided, sourceSilent } from './describe-signal.js';

const HOUR_MS = 3_600_000;

describe('signals', () => {
  it('tell refused credentials from other failures', () => {
    expect(laneOpened('crm', 'unauthorized')).toMatchObject({
      reason: 'unauthorized',
      cause: 'unauthorized crm',
      line: expect.stringContaining('crm refuses the credentials'),
    });
    expect(laneOpened('crm', 'timeout')).toMatchObject({
      reason: 'destination_open',
      cause: 'destination_open crm',
      line: expect.stringContaining('crm keeps failing (timeout)'),
    });
  });

  it('say where a rejected configuration is wrong and quote nothing of it', () => {
    const problem = (severity: ConfigProblem['severity'], line: number): ConfigProblem => ({
      ...{ severity, file: 'config/rules/sales.yaml', line, column: 5 },
      ...{ path: 'tables.team_of.+4366412345678', message: 'unknown key "s3cret"' },
    });
    const finding = configurationRejected([problem('warning', 2), problem('error', 7), problem('error', 9)]);
    expect(finding.line).toContain('2 problems, the first at config/rules/sales.yaml:7:5.');
    expect(finding.line).not.toMatch(/s3cret|66412345/);
  });

  it('say how often a rule was undecided', () => {
    expect(ruleUndecided({ rule: 'hot-lead', undecided: 6, calls: 10 })).toMatchObject({
      cause: 'undecided hot-lead',
      line: expect.stringContaining('undecided on 6 of 10 calls in the last 10 minutes'),
      count: 6,
    });
  });

  it('say since when a source is silent and what was expected', () => {
    const { line } = sourceSilent('autocalls', Date.UTC(2025, 0, 15, 10, 30), 36 * HOUR_MS);
    expect(line).toContain('autocalls has been silent since 2025-01-15 10:30 UTC; expect_every is 1d12h.');
  });
});
