import { type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type AddressGuard, createAddressGuard } from '../../../src/egress/address-guard.js';
import { createMailClient } from '../../../src/egress/guarded-mail-client.js';
import { type MailMessage, MailError } from '../../../src/egress/mail-client.js';
import { type RawServer, drip, flood, startRawServer } from '../../support/raw-server.js';
import { startSmtpSink } from '../../support/smtp-sink.js';
import { startFullServer } from './full-server.js';

const TIMEOUT_MS = 400;
const SLACK_MS = 500;
const IN_FLIGHT_BYTES = 12 * 1024 * 1024;

const MESSAGE: MailMessage = {
  ...{ from: 'calls@example.com', to: ['jane@example.com'], subject: 'Hi', text: 'Hello' },
  messageId: '<one@example.com>',
};

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What a server does at one step of the dialogue; `undefined`: what it ought to. */
type Step = (socket: Socket) => void;
type Dialogue = Partial<
  Record<'connect' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'message', Step>
>;

interface Talk {
  server: RawServer;
  /** Every line that the client sent. */
  lines: string[];
}

const ANSWERS: Record<string, string> = {
  EHLO: '250 fine',
  AUTH: '235 fine',
  DATA: '354 go on',
  QUIT: '221 bye',
};

/** A mail server that keeps to the protocol but for the given steps. */
async function talk(dialogue: Dialogue): Promise<Talk> {
  const lines: string[] = [];
  const server = await startRawServer((socket) => {
    (dialogue.connect ?? ((to: Socket) => to.write('220 hello\r\n')))(socket);
    let inMessage = false;
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const complete = (rest + chunk.toString('latin1')).split('\r\n');
      rest = complete.pop() ?? '';
      for (const line of complete) {
        lines.push(line);
        const verb = line.slice(0, 4).toUpperCase() === 'STAR' ? 'STARTTLS' : line.slice(0, 4).toUpperCase();
        const step = inMessage ? 'message' : verb;
        if (inMessage && line !== '.') continue;
        inMessage = step === 'DATA';
        const scripted = dialogue[step as keyof Dialogue];
        if (scripted) scripted(socket);
        else socket.write(`${ANSWERS[step] ?? '250 fine'}\r\n`);
      }
    });
  });
  closing.push(() => server.close());
  return { server, lines };
}

function client(guard: AddressGuard = createAddressGuard(['127.0.0.1'])) {
  const mail = createMailClient(guard);
  closing.push(() => mail.close());
  return mail;
}

async function failureOf(url: string, { message = MESSAGE, timeoutMs = TIMEOUT_MS, mail = client() } = {}) {
  const started = performance.now();
  const error: unknown = await mail.send(url, message, timeoutMs).catch((thrown: unknown) => thrown);
  const tookMs = performance.now() - started;
  if (!(error instanceof MailError)) throw new Error(`expected a MailError, got ${JSON.stringify(error)}`);
  expect(error.message).not.toContain('hush');
  return { error, tookMs };
}

const url = ({ server }: Talk, options = '', login = '') =>
  `smtp://${login}127.0.0.1:${server.port}${options}`;
const silence: Step = () => undefined;
const offering =
  (...extensions: string[]): Step =>
  (socket) =>
    void socket.write([...extensions.map((word) => `250-${word}`), '250 fine', ''].join('\r\n'));

describe('the deadline ends', () => {
  it.each<[string, Dialogue, boolean]>([
    ['no greeting', { connect: silence }, false],
    ['a greeting that drips', { connect: (socket) => drip(socket, 'x') }, false],
    ['a greeting of many lines', { connect: (socket) => drip(socket, '220-wait\r\n', 1) }, false],
    ['no answer to EHLO', { EHLO: silence }, false],
    [
      'no handshake after STARTTLS',
      { EHLO: offering('STARTTLS'), STARTTLS: (socket) => socket.write('220 go\r\n') },
      false,
    ],
    ['no answer to MAIL', { MAIL: silence }, false],
    ['an answer to RCPT that drips', { RCPT: (socket) => drip(socket, '250-wait\r\n') }, false],
    ['no answer to DATA', { DATA: silence }, false],
    ['no answer to the message', { message: silence }, true],
    ['an answer to the message that drips', { message: (socket) => drip(socket, '250-wait\r\n') }, true],
  ])('%s', async (_what, dialogue, sent) => {
    const talking = await talk(dialogue);
    const { error, tookMs } = await failureOf(url(talking));
    expect(error).toMatchObject({ failure: 'timeout', sent });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    await talking.server.idle();
  });

  it('a login that hangs', async () => {
    const talking = await talk({ EHLO: offering('AUTH PLAIN'), AUTH: silence });
    const { error } = await failureOf(url(talking, '', 'me:hush@'));
    expect(error).toMatchObject({ failure: 'timeout', sent: false });
  });

  it('a message that nobody reads', async () => {
    const talking = await talk({ DATA: (socket) => socket.pause().write('354 go on\r\n') });
    const { error, tookMs } = await failureOf(url(talking), {
      message: { ...MESSAGE, text: 'x\n'.repeat(1e6) },
    });
    expect(error).toMatchObject({ failure: 'timeout', sent: true });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + 2 * SLACK_MS);
  });

  it('a connection that is never taken, and a name that is never resolved', async () => {
    const full = await startFullServer();
    closing.push(() => full.close());
    const hanging = client(createAddressGuard([], () => undefined));
    for (const [server, mail] of [
      [`smtp://127.0.0.1:${full.port}`, client()],
      ['smtp://hangs.test', hanging],
    ] as const) {
      const { error, tookMs } = await failureOf(server, { mail });
      expect(error).toMatchObject({ failure: 'timeout', sent: false });
      expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    }
  });
});

describe('what a server says', () => {
  it.each<[string, Dialogue]>([
    ['a greeting line', { connect: (socket) => flood(socket, 'x'.repeat(4096)) }],
    ['greeting lines', { connect: (socket) => flood(socket, '220-more\r\n'.repeat(400)) }],
    ['answer lines', { EHLO: (socket) => flood(socket, '250-more\r\n'.repeat(400)) }],
  ])('is bounded for %s without end', async (_what, dialogue) => {
    const talking = await talk(dialogue);
    const { error } = await failureOf(url(talking), { timeoutMs: 10_000 });
    expect(['connection', 'answer']).toContain(error.failure);
    expect(error.sent).toBe(false);
    await talking.server.idle();
    expect(talking.server.bytesWritten()).toBeLessThan(IN_FLIGHT_BYTES);
  });

  it('is bounded on a kept connection, too', async () => {
    const sockets: Socket[] = [];
    const talking = await talk({
      connect: (socket) => sockets.push(socket) && socket.write('220 hello\r\n'),
    });
    await client().send(url(talking), MESSAGE, 5000);
    flood(sockets[0] as Socket, '250 unasked\r\n'.repeat(300));
    await talking.server.idle();
    expect(talking.server.bytesWritten()).toBeLessThan(IN_FLIGHT_BYTES);
  });
});

describe('encryption', () => {
  const required = '?requireTLS=true';

  it.each<[string, Dialogue]>([
    ['is not offered', {}],
    [
      'is offered and refused',
      { EHLO: offering('STARTTLS', 'AUTH PLAIN'), STARTTLS: (socket) => socket.write('454 not now\r\n') },
    ],
    [
      'is stripped from what is offered',
      { EHLO: offering('XXXXXXXA', 'AUTH PLAIN'), STARTTLS: (socket) => socket.write('502 what?\r\n') },
    ],
  ])('that is required and %s: neither login nor mail goes out', async (_how, dialogue) => {
    const talking = await talk(dialogue);
    const { error } = await failureOf(url(talking, required, 'me:hush@'));
    expect(error.sent).toBe(false);
    expect(talking.lines.filter((line) => /^(AUTH|MAIL|RCPT|DATA)/.test(line))).toEqual([]);
    expect(talking.lines.join()).not.toContain(Buffer.from('\0me\0hush').toString('base64'));
  });

  it('that was offered and fails is not gone without', async () => {
    const talking = await talk({
      EHLO: offering('STARTTLS'),
      STARTTLS: (socket) => socket.write('454 not now\r\n'),
    });
    await failureOf(url(talking));
    expect(talking.lines.filter((line) => /^(AUTH|MAIL)/.test(line))).toEqual([]);
  });

  it('starts with nothing of what was said in the clear', async () => {
    const talking = await talk({
      EHLO: offering('STARTTLS'),
      STARTTLS: (socket) => socket.write('220 go\r\n250-AUTH PLAIN\r\n250 forged\r\n'),
    });
    const { error } = await failureOf(url(talking, required, 'me:hush@'));
    expect(error.sent).toBe(false);
    expect(talking.lines.filter((line) => /^(AUTH|MAIL)/.test(line))).toEqual([]);
  });
});

it('a kept connection is not used for an address that is no longer allowed', async () => {
  const sink = await startSmtpSink();
  closing.push(() => sink.close());
  const guard = createAddressGuard(['127.0.0.1']);
  const mail = client(guard);
  await mail.send(sink.url, MESSAGE, 5000);
  guard.setAllowed([]);
  const { error } = await failureOf(sink.url, { mail });
  expect(error).toMatchObject({ failure: 'address_forbidden', sent: false });
  expect(sink.connectionCount).toBe(1);
  expect(sink.messages).toHaveLength(1);
});

it('our own network failing is told apart from the server', async () => {
  for (const code of ['EAI_AGAIN', 'ENETUNREACH', 'EMFILE']) {
    const guard = createAddressGuard([], (_name, _options, callback) =>
      callback(Object.assign(new Error(code), { code }), []),
    );
    const { error } = await failureOf('smtp://mail.test', { mail: client(guard) });
    expect(error).toMatchObject({ failure: 'offline', sent: false });
    expect(error.message).toContain(`(${code})`);
  }
});
