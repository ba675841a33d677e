import { describe, expect, it } from '@jest/globals';
import { sendRequest } from '../../../test/support/send-request.js';
import { type MailMessage, type MailResult, MailError } from '../../egress/mail-client.js';
import { type Json, type JsonObject } from '../../lib/json.js';
import { adapter } from './email.adapter.js';

const OPTIONS = { smtp_url: 'smtp://me:hush@mail.example.com', from: 'Acme calls <calls@example.com>' };
const INPUT = { to: ['jane@example.com', 'joe@example.com'], subject: 'Hi', text: 'Hello' };

async function send(input: JsonObject, answer: Partial<MailResult> | MailError = {}, progress: Json = null) {
  const sent: MailMessage[] = [];
  const mail = {
    send: (_url: string, message: MailMessage) => {
      sent.push(message);
      if (answer instanceof MailError) return Promise.reject(answer);
      return Promise.resolve({ accepted: message.recipients ?? message.to, refused: [], ...answer });
    },
  };
  const options = adapter.options.parse(OPTIONS);
  const outcome = await adapter.send(sendRequest({ options, input, mail, progress }));
  return { outcome, sent };
}

const refusal = (address: string, code: number) => ({ address, code, message: `${code} no` });

describe('a mail', () => {
  it('is one message to all recipients, marked as automatic', async () => {
    const { outcome, sent } = await send({
      ...INPUT,
      cc: 'cc@example.com',
      reply_to: 'sales@example.com',
      html: '<b>Hi</b>',
    });
    expect(sent).toEqual([
      expect.objectContaining({
        ...{ from: OPTIONS.from, to: INPUT.to, cc: ['cc@example.com'], replyTo: 'sales@example.com' },
        ...{
          subject: 'Hi',
          text: 'Hello',
          html: '<b>Hi</b>',
          headers: { 'Auto-Submitted': 'auto-generated' },
        },
        messageId: '<aftercall-d1@example.com>',
      }),
    ]);
    expect(outcome).toEqual({
      outcome: 'delivered',
      receipt: { message_id: '<aftercall-d1@example.com>', refused: [] },
    });
  });

  it('goes to everybody once', async () => {
    const to = ['jane@example.com', 'Jane@Example.com', ' '];
    const { sent } = await send({ ...INPUT, to, cc: ['jane@example.com'] });
    expect(sent[0]).toMatchObject({ to: ['Jane@Example.com'] });
  });

  it.each<[string, JsonObject, string]>([
    ['nobody', { to: ' ' }, 'to holds no address'],
    ['a list in one text', { to: 'a@example.com, b@example.com' }, 'to is not one address'],
    ['a group', { cc: 'all: a@example.com;' }, 'cc is not one address'],
    ['a smuggled header', { to: 'a@example.com\r\nBcc: eve@example.com' }, 'to holds a control character'],
    ['an endless address', { to: `${'a'.repeat(320)}@example.com` }, 'to is longer than 320'],
    ['a subject of two lines', { subject: 'Hi\nBcc: eve@example.com' }, 'subject holds a control character'],
    ['no text', { text: '' }, 'neither text nor html'],
  ])('to %s is refused', async (_whom, more, message) => {
    const { outcome, sent } = await send({ ...INPUT, ...more });
    expect(outcome).toEqual({
      outcome: 'rejected',
      reason: 'invalid_input',
      message: expect.stringContaining(message),
    });
    expect(sent).toHaveLength(0);
  });
});

describe('recipients', () => {
  it('refused for now are tried again, and they alone', async () => {
    const first = await send(INPUT, {
      accepted: ['jane@example.com'],
      refused: [refusal('joe@example.com', 451)],
    });
    expect(first.outcome).toEqual({
      ...{ outcome: 'retry', reason: 'refused', message: '1 of 2 addresses refused for now: 451 no' },
      progress: { remaining: ['joe@example.com'], accepted: ['jane@example.com'], refused: [] },
    });
    const progress = (first.outcome as { progress: Json }).progress;
    const second = await send(INPUT, {}, progress);
    expect(second.sent[0]).toMatchObject({ to: INPUT.to, recipients: ['joe@example.com'] });
    expect(second.sent[0]?.messageId).toBe(first.sent[0]?.messageId);
    expect(second.outcome).toMatchObject({ outcome: 'delivered' });
  });

  it('refused for good are named where others took the mail', async () => {
    const { outcome } = await send(INPUT, {
      accepted: ['jane@example.com'],
      refused: [refusal('joe@example.com', 550)],
    });
    expect(outcome).toMatchObject({
      outcome: 'delivered',
      receipt: { refused: [{ address: 'joe@example.com', code: 550 }] },
    });
  });

  it('who all refuse for good end the delivery', async () => {
    const refused = [refusal('jane@example.com', 550), refusal('joe@example.com', 553)];
    const { outcome } = await send(INPUT, new MailError('answer', '550 no', 550, false, refused));
    expect(outcome).toEqual({
      outcome: 'rejected',
      reason: 'refused',
      message: '2 of 2 addresses refused for good: 550 no',
    });
  });

  it('are not forgotten over a broken connection', async () => {
    const progress = { remaining: ['joe@example.com'], accepted: ['jane@example.com'], refused: [] };
    const { outcome } = await send(INPUT, new MailError('connection', 'gone', null, true), progress);
    expect(outcome).toEqual({ outcome: 'unknown', reason: 'connection', message: 'gone', progress });
  });

  it('who took it earlier count when the last one refuses', async () => {
    const progress = { remaining: ['joe@example.com'], accepted: ['jane@example.com'], refused: [] };
    const refused = [refusal('joe@example.com', 550)];
    const { outcome } = await send(INPUT, new MailError('answer', '550 no', 550, false, refused), progress);
    expect(outcome).toMatchObject({
      outcome: 'delivered',
      receipt: { refused: [{ address: 'joe@example.com', code: 550 }] },
    });
  });
});

describe('a failure', () => {
  it.each<[ConstructorParameters<typeof MailError>[0], number | null, boolean, string, string]>([
    ['auth', 535, false, 'unauthorized', 'unauthorized'],
    ['auth', 454, false, 'retry', 'server_error'],
    ['answer', 421, false, 'retry', 'server_error'],
    ['answer', 552, false, 'retry', 'server_error'],
    ['answer', 554, false, 'rejected', 'refused'],
    ['dns', null, false, 'retry', 'dns'],
    ['tls', null, false, 'retry', 'tls'],
    ['connection', null, false, 'retry', 'connection'],
    ['connection', null, true, 'unknown', 'connection'],
    ['timeout', null, false, 'retry', 'timeout'],
    ['timeout', null, true, 'unknown', 'timeout'],
    ['address_forbidden', null, false, 'rejected', 'address_forbidden'],
    ['message', null, false, 'rejected', 'invalid_input'],
  ])('%s (%s, sent: %s): %s', async (failure, code, sent, outcome, reason) => {
    const result = await send(INPUT, new MailError(failure, 'why', code, sent));
    expect(result.outcome).toEqual({ outcome, reason, message: 'why' });
  });
});

describe('attachments', () => {
  const withFiles = (attachments: Json) => send({ ...INPUT, attachments });

  it('are text files, whatever their names say', async () => {
    const { sent } = await withFiles([
      { name: 'transcript.txt', text: 'AI: Hello' },
      { name: ' Gespräch (1).html ', text: '<b>' },
      { name: 'empty', text: '' },
      { name: 'missing' },
    ]);
    expect(sent[0]?.attachments).toEqual([
      { name: 'transcript.txt', text: 'AI: Hello' },
      { name: 'Gespräch (1).html.txt', text: '<b>' },
    ]);
    expect((await withFiles([{ name: 'missing' }])).sent[0]).not.toHaveProperty('attachments');
  });

  it('are cut where they are endless', async () => {
    const { sent } = await withFiles([{ name: 'a', text: 'x'.repeat(600_000) }]);
    expect(sent[0]?.attachments?.[0]?.text).toMatch(/^x{499990,}… \[cut\]$/);
  });

  it.each(['', '../x', 'a/b', 'a"b', '.htaccess', 'a\r\nBcc: x', 'x'.repeat(200)])(
    'are refused under the name %j',
    async (name) => {
      const { outcome, sent } = await withFiles([{ name, text: 'x' }]);
      expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'invalid_input' });
      expect(sent).toHaveLength(0);
    },
  );
});

describe('unsubscribing', () => {
  it('takes one click', async () => {
    const { sent } = await send({ ...INPUT, unsubscribe_url: 'https://example.com/stop?c=%2B43&t=a_b' });
    expect(sent[0]?.headers).toEqual({
      'Auto-Submitted': 'auto-generated',
      'List-Unsubscribe': '<https://example.com/stop?c=%2B43&t=a_b>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
  });

  it.each([
    'http://example.com/stop',
    'mailto:x@example.com',
    'https://a.example/>,<b',
    'https://a.example/ x',
  ])('does not lead to %s', async (unsubscribe_url) => {
    const { outcome } = await send({ ...INPUT, unsubscribe_url });
    expect(outcome).toMatchObject({ outcome: 'rejected', message: expect.stringContaining('https') });
  });

  it('is what every mail to a contact must offer', () => {
    const { audience, input } = adapter.operations.send_to_contact ?? {};
    const mail = { to: 'jane@example.com', subject: 'x', text: 'x' };
    expect(audience).toBe('contact');
    expect(input?.safeParse(mail).success).toBe(false);
    expect(input?.safeParse({ ...mail, unsubscribe_url: 'https://example.com/stop' }).success).toBe(true);
    expect(input?.safeParse({ ...mail, to: ['a'], unsubscribe_url: 'https://e.x/' }).success).toBe(false);
  });
});

describe('options', () => {
  const check = (given: JsonObject) =>
    adapter.checkOptions?.(adapter.options.parse({ ...OPTIONS, ...given }));

  it('must hold an SMTP URL and a sender', () => {
    expect(check({})).toEqual([]);
    expect(check({ smtp_url: 'https://me:hush@x', from: 'Acme' })).toEqual([
      { path: 'from', problem: expect.stringContaining('is not one address') },
      { path: 'smtp_url', problem: expect.stringContaining('not an SMTP URL') },
    ]);
  });

  it.each<[JsonObject, string | undefined]>([
    [{ smtp_url: undefined as never }, 'smtp_url'],
    [{ resend_api_key: 're_hush' }, 'smtp_url'],
    [{ smtp_url: undefined as never, resend_api_key: 're_hush' }, undefined],
  ])('are of one way to send: %j', (given, path) => {
    expect(check(given)?.[0]?.path).toBe(path);
  });

  it('hold no key for DKIM beside Resend, which signs by itself', () => {
    const dkim = { domain: 'example.com', selector: 's1', private_key: 'PEM' };
    const given = { from: OPTIONS.from, resend_api_key: 're_hush', dkim };
    expect(adapter.checkOptions?.(adapter.options.parse(given))[0]?.path).toBe('dkim');
  });

  it('name the host that would be dialled', () => {
    expect(adapter.addresses?.(adapter.options.parse(OPTIONS))).toEqual(['mail.example.com']);
    const resend = adapter.options.parse({ resend_api_key: 're_hush', from: OPTIONS.from });
    expect(adapter.addresses?.(resend)).toEqual(['api.resend.com']);
  });

  it('hand on the key for DKIM', async () => {
    const dkim = { domain: 'example.com', selector: 's1', private_key: 'PEM' };
    const sent: MailMessage[] = [];
    const mail = {
      send: (_url: string, message: MailMessage) => (
        sent.push(message),
        Promise.resolve({ accepted: [], refused: [] })
      ),
    };
    await adapter.send(
      sendRequest({ options: adapter.options.parse({ ...OPTIONS, dkim }), input: INPUT, mail }),
    );
    expect(sent[0]?.dkim).toEqual({ domainName: 'example.com', keySelector: 's1', privateKey: 'PEM' });
  });
});

it('needs text, html or template', () => {
  const { input } = adapter.operations.send ?? {};
  expect(input?.safeParse({ to: 'a@example.com', subject: 'x', template: 'mail' }).success).toBe(true);
  expect(input?.safeParse({ to: 'a@example.com', subject: 'x' }).success).toBe(false);
});
