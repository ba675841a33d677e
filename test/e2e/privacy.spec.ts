import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { type SmtpSink, startSmtpSink } from '../support/smtp-sink.js';
import { describe, onPostgres } from './pair.js';
import {
  CANARIES,
  PERSONAL,
  SECRETS,
  personalCall,
  storageWithSecret,
  writePrivacyConfig,
} from './privacy-config.js';
import { type Trial, createTrial, until } from './trial.js';

let trial: Trial;
let sink: HttpSink;
let smtp: SmtpSink;
/** Every answer of the server so far, head and all. */
const answers: string[] = [];

beforeAll(async () => {
  sink = await startHttpSink();
  smtp = await startSmtpSink({ user: 'user', password: 'another' });
  trial = await createTrial();
  writePrivacyConfig(trial, { sinkUrl: sink.url, smtpPort: smtp.port });
  await trial.start({ args: ['--log-level', 'debug'], env: SECRETS });
});
afterAll(async () => {
  await trial.remove();
  await sink.close();
  await smtp.close();
});

/** Which canaries a text holds. */
const found = (text: string) => CANARIES.filter((canary) => text.includes(canary));

async function send(path: string, body?: string, headers: Record<string, string> = {}): Promise<number> {
  const init = body === undefined ? {} : { method: 'POST', body };
  const response = await fetch(`${trial.server.url}${path}`, { ...init, headers });
  answers.push(JSON.stringify([...response.headers]) + (await response.text()));
  return response.status;
}

let calls = 0;

/** Posts the call as a case, and waits until an attempt was logged with this outcome. */
async function deliver(name: string, outcome: string): Promise<void> {
  const call = JSON.stringify(personalCall(`call-${(calls += 1)}`));
  expect(await send(`/hooks/autocalls/${SECRETS.HOOK_TOKEN}?case=${name}`, call)).toBe(202);
  const line = new RegExp(`"destination":"${name}".*"outcome":"${outcome}"`);
  await until(() => line.test(trial.server.log()));
}

/** Nothing of what anybody gets to see without being a destination holds a canary. */
async function expectSilence(): Promise<void> {
  expect(await send('/metrics')).toBe(200);
  const said = answers.splice(0).join('\n');
  expect(found(trial.server.log())).toEqual([]);
  expect(found(trial.server.output())).toEqual([]);
  expect(found(said)).toEqual([]);
}

describe('secrets and personal data', () => {
  it('reach their destinations and show nowhere else', async () => {
    await deliver('slack', 'delivered');
    await deliver('fine', 'delivered');
    const [slack, fine] = sink.requests;
    expect(slack?.path).toBe(`/services/${SECRETS.SLACK_PATH}`);
    expect(slack?.body).toContain(PERSONAL.summary);
    expect(fine?.headers['x-api-key']).toBe(SECRETS.HEADER_KEY);
    expect(fine?.query.get('key')).toBe(SECRETS.URL_KEY);
    for (const text of [PERSONAL.name, PERSONAL.phone, PERSONAL.phrase]) expect(fine?.body).toContain(text);
    await expectSilence();
  });

  it('show nowhere when a token is wrong, or right at a wrong address', async () => {
    const call = JSON.stringify(personalCall('call-401'));
    expect(await send('/hooks/autocalls/canary-wrong-token', call)).toBe(401);
    expect(await send('/hooks/autocalls', call, { authorization: 'Bearer canary-wrong-token' })).toBe(401);
    expect(await send(`/hooks/canary-source/${SECRETS.HOOK_TOKEN}`, call)).toBe(404);
    expect(await send(`/hooks/autocalls/${SECRETS.HOOK_TOKEN}`)).toBe(405);
    expect(await send(`/hook/autocalls/${SECRETS.HOOK_TOKEN}`, call)).toBe(404);
    expect(await send(`/hooks/autocalls/${SECRETS.HOOK_TOKEN}/more`, call)).toBe(404);
    expect(await send(`/hook/autocalls/${SECRETS.HOOK_TOKEN}%zz`, call)).toBe(400);
    expect(await send(`/metrics/${SECRETS.HOOK_TOKEN}`)).toBe(404);
    expect(await send(`/${SECRETS.ADMIN_TOKEN}?token=${SECRETS.ADMIN_TOKEN}`)).toBe(404);
    await expectSilence();
  });

  it.each([
    ['no JSON', `${PERSONAL.phrase} ${PERSONAL.phone}`],
    ['broken JSON', `{"id": 1, "status": ${PERSONAL.summary}}`],
    ['a bad id', JSON.stringify({ ...personalCall(''), id: [PERSONAL.email] })],
    ['another webhook', JSON.stringify({ customer_phone: PERSONAL.phone, assistant_phone: PERSONAL.phone })],
  ])('show nowhere when a body is quarantined: %s', async (_, body) => {
    expect(await send(`/hooks/autocalls/${SECRETS.HOOK_TOKEN}`, body)).toBe(422);
    await expectSilence();
  });

  it.each([
    ['broken', 500, 'retry'],
    ['refusing', 400, 'rejected'],
    ['refusing', 401, 'unauthorized'],
  ])(
    'show nowhere when a destination, %s, answers %i and repeats what it was sent',
    async (name, status, outcome) => {
      sink.respondAt(`/${name}`, ({ headers, body }) => ({
        status,
        body: { error: [headers, body, SECRETS] },
      }));
      await deliver(name, outcome);
      await expectSilence();
    },
  );

  it('show nowhere when a destination may not be reached, or cannot', async () => {
    await deliver('forbidden', 'rejected');
    await deliver('nowhere', 'retry');
    await expectSilence();
  });

  it('show nowhere when the mail server refuses the login', async () => {
    await deliver('mail', 'unauthorized');
    expect(smtp.connectionCount).toBeGreaterThan(0);
    await expectSilence();
  });

  it('show nowhere when a changed configuration is rejected', async () => {
    const rejected = () => trial.server.log().split('configuration rejected').length - 1;
    for (const [index, text] of brokenConfigs().entries()) {
      trial.write('aftercall.yaml', text);
      await until(() => rejected() > index);
    }
    expect(trial.server.log()).toContain('config/aftercall.yaml:');
    await expectSilence();
  });
});

describe('a server that cannot start', () => {
  it.each(brokenConfigs())('does not show secrets of its configuration (%#)', async (text) => {
    const broken = await createTrial();
    broken.write('aftercall.yaml', text);
    const { status, stdout, stderr } = broken.run(['serve', '--log-level', 'debug'], SECRETS);
    expect(status).toBe(1);
    expect(stderr).toContain('config/aftercall.yaml:');
    expect(found(stdout + stderr)).toEqual([]);
    await broken.remove();
  });

  onPostgres.it('does not show the password of a store that it is refused by', async () => {
    const refused = await createTrial();
    refused.write('aftercall.yaml', storageWithSecret(refused, 'no_such_database'));
    const { status, stdout, stderr } = refused.run(['serve', '--log-level', 'debug'], SECRETS);
    expect(status).toBe(1);
    expect(stderr).toContain('no_such_database');
    expect(found(stdout + stderr)).toEqual([]);
    await refused.remove();
  });
});

/** Mistakes that stand in the very line of a secret. */
function brokenConfigs(): string[] {
  const source = (token: string) =>
    `schema: 1\nsources:\n  autocalls: { kind: autocalls, token: ${token} }\n`;
  const destination = (options: string) => `schema: 1\ndestinations:\n  out: { ${options} }\n`;
  return [
    source(`"${SECRETS.HOOK_TOKEN}`),
    source(`{ value: "${SECRETS.HOOK_TOKEN}" }`),
    source(`["${SECRETS.HOOK_TOKEN}", "\${ADMIN_TOKEN}", "third-token"]`),
    source('"${HOOK_TOKEN}/${SMTP_PASSWORD}"'),
    destination(`kind: slack, webhook_url: "${SECRETS.SLACK_PATH}"`),
    destination('kind: slack, webhook_url: "${SLACK_PATH}"'),
    destination('kind: slack, bot_token: "${HOOK_TOKEN}"'),
    destination('kind: email, smtp_url: "smtp://user:${SMTP_PASSWORD}@:x", from: "calls@example.com"'),
    destination('kind: http, url: "${URL_KEY}", timeout: "${HEADER_KEY}"'),
    'schema: 1\nstorage: "postgres://user:${STORE_PASSWORD}@:x/db"\n',
    `schema: 1\nstorage: "\${ADMIN_TOKEN}"\nserver: { port: "\${HOOK_TOKEN}" }\n`,
  ];
}
