import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type SmtpSink, type SmtpSinkOptions, startSmtpSink } from '../../test/support/smtp-sink.js';
import { createAddressGuard } from './address-guard.js';
import { createMailClient } from './guarded-mail-client.js';
import { type MailMessage, MailError } from './mail-client.js';

const MESSAGE: MailMessage = {
  from: 'Acme <calls@example.com>',
  to: ['jane@example.com', '"Doe, Joe" <joe@example.com>'],
  subject: 'Grüße',
  text: 'Hello',
  messageId: '<one@example.com>',
};

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const sink = await startSmtpSink(options);
  closing.push(() => sink.close());
  return sink;
}

function client(allow = ['127.0.0.1/32']) {
  const mail = createMailClient(createAddressGuard(allow));
  closing.unshift(() => mail.close());
  return mail;
}

async function failureOf(
  url: string,
  message = MESSAGE,
  { mail = client(), timeoutMs = 5000 } = {},
): Promise<MailError> {
  const error: unknown = await mail.send(url, message, timeoutMs).catch((thrown: unknown) => thrown);
  if (error instanceof MailError) return error;
  throw new Error(`expected a MailError, got ${JSON.stringify(error)}`);
}

describe('a mail', () => {
  it('arrives with its headers, text and recipients', async () => {
    const sink = await start();
    const message = {
      ...MESSAGE,
      cc: ['cc@example.com'],
      replyTo: 'sales@example.com',
      html: '<b>Hello</b>',
    };
    const headers = { 'Auto-Submitted': 'auto-generated' };
    const result = await client().send(sink.url, { ...message, headers }, 5000);
    expect(result).toEqual({
      accepted: ['jane@example.com', 'joe@example.com', 'cc@example.com'],
      refused: [],
    });
    const [mail] = sink.messages;
    expect(mail).toMatchObject({ from: 'calls@example.com', to: result.accepted });
    expect(mail?.headers).toMatchObject({
      from: 'Acme <calls@example.com>',
      to: 'jane@example.com, "Doe, Joe" <joe@example.com>',
      cc: 'cc@example.com',
      'reply-to': 'sales@example.com',
      'message-id': '<one@example.com>',
      'auto-submitted': 'auto-generated',
    });
    expect(mail?.raw).toContain('<b>Hello</b>');
  });

  it('goes to the given recipients only, while its headers name all', async () => {
    const sink = await start();
    await client().send(sink.url, { ...MESSAGE, recipients: ['joe@example.com'] }, 5000);
    expect(sink.messages[0]?.to).toEqual(['joe@example.com']);
    expect(sink.messages[0]?.headers.to).toContain('jane@example.com');
  });

  it('shares a connection with the next one', async () => {
    const sink = await start();
    const mail = client();
    await mail.send(sink.url, MESSAGE, 5000);
    await mail.send(sink.url, { ...MESSAGE, messageId: '<two@example.com>' }, 5000);
    expect(sink.messages).toHaveLength(2);
    expect(sink.connectionCount).toBe(1);
  });

  it('passes TLS and a login', async () => {
    for (const options of [{ secure: true }, { startTls: true }]) {
      const sink = await start({ ...options, user: 'me', password: 'p@ss/word' });
      const result = await client().send(sink.url, MESSAGE, 5000);
      expect(result.accepted).toHaveLength(2);
    }
  });
});

describe('refusals', () => {
  it('of some recipients are listed', async () => {
    const sink = await start();
    sink.respondWith({
      recipient: (address) =>
        address.startsWith('joe') ? { code: 451, message: 'joe@example.com later' } : undefined,
    });
    expect(await client().send(sink.url, MESSAGE, 5000)).toEqual({
      accepted: ['jane@example.com'],
      refused: [{ address: 'joe@example.com', code: 451, message: '451 …@example.com later' }],
    });
  });

  it('of all recipients fail with the list', async () => {
    const sink = await start();
    sink.respondWith({ recipient: () => ({ code: 550, message: 'unknown' }) });
    const error = await failureOf(sink.url);
    expect(error).toMatchObject({ failure: 'answer', code: 550, sent: false });
    expect(error.refused.map(({ address }) => address)).toEqual(['jane@example.com', 'joe@example.com']);
  });

  it('of the message carry the code', async () => {
    const sink = await start();
    sink.respondWith({ message: () => ({ code: 554, message: 'spam from calls@example.com' }) });
    const error = await failureOf(sink.url);
    expect(error).toMatchObject({ failure: 'answer', code: 554, sent: false, refused: [] });
    expect(error.message).toBe('554 spam from …@example.com');
  });

  it('of the login are told apart', async () => {
    const sink = await start({ user: 'me', password: 'right' });
    expect(await failureOf(sink.url.replace('right', 'wrong'))).toMatchObject({ failure: 'auth', code: 535 });
    expect(await failureOf(sink.url.replace('me:right@', ''))).toMatchObject({ failure: 'auth', code: 530 });
  });
});

describe('a broken connection', () => {
  it('before the message is no delivery', async () => {
    const url = `smtp://127.0.0.1:${await freePort()}`;
    expect(await failureOf(url)).toMatchObject({ failure: 'connection', sent: false });
  });

  it('after the message leaves its fate open', async () => {
    const sink = await start();
    sink.respondWith({ message: () => 'cut' });
    expect(await failureOf(sink.url)).toMatchObject({ failure: 'connection', sent: true });
    expect(sink.messages).toHaveLength(1);
  });

  it('is what a silent server comes to', async () => {
    const sink = await start();
    sink.respondWith({ message: () => 'hang' });
    expect(await failureOf(sink.url, MESSAGE, { timeoutMs: 600 })).toMatchObject({
      failure: 'timeout',
      sent: true,
    });
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    closing.push(() => void mute.close());
    const { port } = mute.address() as { port: number };
    const error = await failureOf(`smtp://127.0.0.1:${port}`, MESSAGE, { timeoutMs: 200 });
    expect(error).toMatchObject({ failure: 'timeout', sent: false });
  });

  it('names what failed: the name, the certificate', async () => {
    const nobody = createAddressGuard([], (name, _options, callback) =>
      callback(Object.assign(new Error(name), { code: 'ENOTFOUND' }), []),
    );
    const lost = createMailClient(nobody);
    closing.unshift(() => lost.close());
    expect(await failureOf('smtp://gone.test', MESSAGE, { mail: lost })).toMatchObject({
      failure: 'dns',
      sent: false,
    });
    const sink = await start({ secure: true });
    const error = await failureOf(sink.url.replace('?tls.rejectUnauthorized=false', ''));
    expect(error).toMatchObject({ failure: 'tls', sent: false });
  });

  it('that was never encrypted is not used when TLS is required', async () => {
    const sink = await start();
    expect(await failureOf(`${sink.url}?requireTLS=true`)).toMatchObject({ sent: false });
    expect(sink.messages).toHaveLength(0);
  });
});

describe('what is never sent', () => {
  it.each(['127.0.0.1', '[::1]', 'localhost', '0x7f.1', '169.254.169.254'])('goes to %s', async (host) => {
    const sink = await start();
    const error = await failureOf(`smtp://${host}:${sink.port}`, MESSAGE, { mail: client([]) });
    expect(error).toMatchObject({ failure: 'address_forbidden', sent: false });
    expect(sink.connectionCount).toBe(0);
  });

  it.each<[string, Partial<MailMessage>]>([
    ['a subject with a line break', { subject: 'Hi\r\nBcc: eve@example.com' }],
    ['a header value with a line break', { headers: { 'X-A': 'b\nBcc: eve@example.com' } }],
    ['a header name with a colon', { headers: { 'Bcc: x': 'b' } }],
    ['two addresses in one', { to: ['jane@example.com, eve@example.com'] }],
    ['a group', { cc: ['group: jane@example.com;'] }],
    ['a reply address with a line break', { replyTo: 'a@example.com\r\nBcc: eve@example.com' }],
    ['a message id that is none', { messageId: '<one@example.com>\r\nBcc: eve@example.com' }],
    ['nobody as recipient', { to: [] }],
  ])('is %s', async (_what, more) => {
    const sink = await start();
    expect(await failureOf(sink.url, { ...MESSAGE, ...more })).toMatchObject({
      failure: 'message',
      sent: false,
    });
    expect(sink.connectionCount).toBe(0);
  });

  it('is a mail to an unreadable URL, which is not quoted', async () => {
    const error = await failureOf('http://me:hush@host');
    expect(error).toMatchObject({ failure: 'message' });
    expect(error.message).not.toContain('hush');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
