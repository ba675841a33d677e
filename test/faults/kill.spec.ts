import { describe, expect, it } from '@jest/globals';
import { startServer } from '../support/server-process.js';
import { killRun } from './kill-run.js';
import { startLyingServer } from './lying-server-process.js';

describe('SIGKILL under load', () => {
  it('loses nothing of 3,000 calls from 50 connections over 20 kills', async () => {
    const report = await killRun({ calls: 3_000, connections: 50, kills: 20, start: startServer });
    expect(report).toMatchObject({ answered: 3_000, lost: [], storedTwice: [], undelivered: [], unseen: [] });
  }, 300_000);

  it('catches a server that answers before the commit', async () => {
    const report = await killRun({ calls: 1_500, connections: 50, kills: 10, start: startLyingServer });
    expect(report.lost.length).toBeGreaterThan(0);
  }, 300_000);
});
