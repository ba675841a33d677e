import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { startHttpSink } from '../support/http-sink.js';
import { freePort, startServer } from '../support/server-process.js';
import { startSmtpSink } from '../support/smtp-sink.js';
import { HOOK_TOKEN, layDemoConfig } from './demo-config.js';
import { printDecisions, printMail, printRequest, title } from './print.js';

/**
 * The main job on real input: the vendor's own sample call goes in, and Slack, a mail server and a CRM
 * endpoint (stand-ins on loopback) receive what the rules of `config/` say. `--keep` stays up afterwards.
 */
const SAMPLE = fileURLToPath(new URL('../fixtures/autocalls/completed-campaign.json', import.meta.url));
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const keep = process.argv.includes('--keep');
const out = (text = '') => void process.stdout.write(`${text}\n`);

const [http, smtp] = await Promise.all([startHttpSink(), startSmtpSink()]);
const workspace = await layDemoConfig({ httpUrl: http.url, smtpUrl: smtp.url });
const server = await startServer({ cwd: workspace.dir, port: await freePort() });

try {
  out(title('1. The server runs'));
  out(server.output().trim());

  out(title('2. A call has ended: its webhook arrives'));
  const answer = await post();
  out(`POST ${server.url}/hooks/autocalls/…  ${pc.dim('completed-campaign.json, the vendor’s own sample')}`);
  out(`${answer.status} ${answer.text}`);

  out(title('3. What each rule decided, and why'));
  printDecisions(out, simulate(), (rule) => command(['explain', SAMPLE, rule]));

  out(title('4. What arrived'));
  const expected = simulate().actions.filter((action) => action.state === 'pending');
  const mails = expected.filter((action) => action.kind === 'email').length;
  await http.waitFor(expected.length - mails);
  await until(() => smtp.messages.length >= mails);
  for (const request of http.requests) printRequest(out, request);
  for (const message of smtp.messages) printMail(out, message);

  out(title('5. The same webhook again'));
  const again = await post();
  out(`${again.status} ${again.text}`);
  if (keep) await stayUp();
} finally {
  await server.end();
  await Promise.all([http.close(), smtp.close()]);
  await workspace.remove();
}

async function post(): Promise<{ status: number; text: string }> {
  const url = `${server.url}/hooks/autocalls/${HOOK_TOKEN}`;
  const response = await fetch(url, { method: 'POST', body: await readFile(SAMPLE) });
  return { status: response.status, text: await response.text() };
}

function command(args: string[]): string {
  const env = { ...process.env, ...(pc.isColorSupported && { FORCE_COLOR: '1' }) };
  const result = spawnSync(process.execPath, [MAIN, ...args], { cwd: workspace.dir, encoding: 'utf8', env });
  if (result.status !== 0) throw new Error(`aftercall ${args.join(' ')}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

interface Simulated {
  decisions: { rule: string; verdict: string; shadow: boolean }[];
  actions: { rule: string; action: string; to: string; kind: string; state: string }[];
}

function simulate(): Simulated {
  return JSON.parse(command(['simulate', SAMPLE, '-o', 'json'])) as Simulated;
}

async function until(isDone: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isDone()) {
    if (Date.now() > deadline) throw new Error('a mail did not arrive within 10 s');
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
