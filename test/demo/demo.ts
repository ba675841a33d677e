import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pc from 'picocolors';
import { type Json, type JsonObject } from '../../src/lib/json.js';
import { startHttpSink } from '../support/http-sink.js';
import { freePort, startServer } from '../support/server-process.js';
import { startSmtpSink } from '../support/smtp-sink.js';
import { standIn as hubspot } from '../support/stand-ins/hubspot.stand-in.js';
import { serveStandIn } from '../support/stand-ins/serve.js';
import { standIn as slack } from '../support/stand-ins/slack.stand-in.js';
import { HOOK_TOKEN, layDemoConfig, RECIPE } from './demo-config.js';
import { printDecisions, printMail, printRecords, printRequest, title } from './print.js';

/**
 * The main job on real input: the vendor's own sample call goes in, and Slack, a mail server and a CRM
 * endpoint (stand-ins on loopback) receive what the rules of `config/` say, HubSpot and a Slack bot what a
 * recipe says. `--keep` stays up afterwards.
 */
const SAMPLE = fileURLToPath(new URL('../fixtures/autocalls/completed-campaign.json', import.meta.url));
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const keep = process.argv.includes('--keep');
const out = (text = '') => void process.stdout.write(`${text}\n`);

const [http, smtp] = await Promise.all([startHttpSink(), startSmtpSink()]);
const [crm, team] = await Promise.all([serveStandIn(hubspot.create()), serveStandIn(slack.create())]);
const ofRecipe = {
  hubspot: { kind: 'hubspot', ...hubspot.options(crm.url) },
  team: { kind: 'slack', ...slack.options(team.url) },
};
const workspace = await layDemoConfig({ httpUrl: http.url, smtpUrl: smtp.url, ofRecipe });
const server = await startServer({ cwd: workspace.dir, port: await freePort() });

try {
  out(title('1. The server runs'));
  out(server.output().trim());

  out(title('2. A call has ended: its webhook arrives'));
  const answer = await post();
  out(`POST ${server.url}/hooks/autocalls/…  ${pc.dim('completed-campaign.json, the vendor’s own sample')}`);
  out(`${answer.status} ${answer.text}`);

  out(title('3. What each rule decided, and why'));
  await printDecisions(out, await simulate(), (rule) => command(['explain', SAMPLE, rule]));

  out(title('4. What arrived'));
  const planned = (await simulate()).actions.filter((action) => action.state === 'pending');
  const expected = planned.filter((action) => !(action.to in ofRecipe));
  const mails = expected.filter((action) => action.kind === 'email').length;
  await http.waitFor(expected.length - mails);
  await until(() => smtp.messages.length >= mails, 'a mail');
  for (const request of http.requests) printRequest(out, request);
  for (const message of smtp.messages) printMail(out, message);

  out(title('5. The same webhook again'));
  const again = await post();
  out(`${again.status} ${again.text}`);

  out(title('6. Another call of the same person: one contact, two calls, one thread'));
  out(pc.dim(`by the recipe config/recipes/${RECIPE}.yaml`));
  await post({
    ...{ id: 99_001, created_at: '2025-01-22T09:00:00.000000Z', finished_at: '2025-01-22T09:03:10.000000Z' },
    extracted_variables: { summary: 'Has tried the demo and wants an offer.' },
  });
  const messages = () => team.standIn.records('message');
  await until(() => messages().length >= 2 && crm.standIn.records('log_call').length >= 2, 'a second call');
  printRecords(out, 'HubSpot contact', crm.standIn.records('upsert_contact'));
  printRecords(out, 'HubSpot call', crm.standIn.records('log_call'));
  printRecords(out, 'Slack message', messages());
  if (keep) await stayUp();
} finally {
  await server.end();
  await Promise.all([http.close(), smtp.close(), crm.close(), team.close()]);
  await workspace.remove();
}

/** @param changes laid over the sample. */
async function post(changes: Record<string, Json> | null = null): Promise<{ status: number; text: string }> {
  const url = `${server.url}/hooks/autocalls/${HOOK_TOKEN}`;
  const bytes = await readFile(SAMPLE);
  const changed = changes && JSON.stringify({ ...(JSON.parse(bytes.toString()) as JsonObject), ...changes });
  const response = await fetch(url, { method: 'POST', body: changed ?? bytes });
  return { status: response.status, text: await response.text() };
}

/** Not in this process's own time: the stand-ins have to answer meanwhile. */
async function command(args: string[]): Promise<string> {
  const env = { ...process.env, ...(pc.isColorSupported && { FORCE_COLOR: '1' }) };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], {
    cwd: workspace.dir,
    env,
  });
  return stdout;
}

interface Simulated {
  decisions: { rule: string; verdict: string; shadow: boolean }[];
  actions: { rule: string; action: string; to: string; kind: string; state: string }[];
}

async function simulate(): Promise<Simulated> {
  return JSON.parse(await command(['simulate', SAMPLE, '-o', 'json'])) as Simulated;
}

async function until(isDone: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isDone()) {
    if (Date.now() > deadline) throw new Error(`${what} did not arrive within 10 s: ${server.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function stayUp(): Promise<void> {
  out(title('Staying up; Ctrl-C ends it'));
  out(`POST calls to  ${server.url}/hooks/autocalls/${HOOK_TOKEN}`);
  out(`Configuration  ${workspace.dir}/config (edit it: changes are picked up)`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
