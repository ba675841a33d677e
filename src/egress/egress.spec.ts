import { afterEach, describe, expect, it } from '@jest/globals';
import { type HttpSink, startHttpSink } from '../../test/support/http-sink.js';
import { startProxySink } from '../../test/support/proxy-sink.js';
import { type Egress, type EgressSettings, createEgress } from './egress.js';
import { EgressError } from './http-client.js';
import { MailError } from './mail-client.js';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const OPEN: EgressSettings = { egressAllow: ['127.0.0.1'], egressProxy: false };

async function startSink(): Promise<HttpSink> {
  const sink = await startHttpSink();
  closing.push(() => sink.close());
  return sink;
}

function open(settings: EgressSettings, env: NodeJS.ProcessEnv = {}) {
  const troubles: string[] = [];
  const egress = createEgress(settings, env, ({ message }) => troubles.push(message));
  closing.push(() => egress.close());
  return { egress, troubles };
}

/** The status, or the failure. */
async function outcome({ http }: Egress, url: string): Promise<number | string> {
  try {
    return (await http.send({ method: 'POST', url, body: 'x', timeoutMs: 5000 })).status;
  } catch (error) {
    if (error instanceof EgressError) return error.failure;
    throw error;
  }
}

describe('a changed configuration', () => {
  it('opens and closes networks', async () => {
    const sink = await startSink();
    const { egress } = open({ ...OPEN, egressAllow: [] });
    expect(await outcome(egress, sink.url)).toBe('address_forbidden');
    egress.apply(OPEN);
    expect(await outcome(egress, sink.url)).toBe(200);
    egress.apply({ ...OPEN, egressAllow: [] });
    expect(await outcome(egress, sink.url)).toBe('address_forbidden');
  });

  it('turns the proxy on and off; without it the environment is not looked at', async () => {
    const sink = await startSink();
    const proxy = await startProxySink(sink.port);
    closing.push(() => proxy.close());
    const { egress, troubles } = open(OPEN, { HTTP_PROXY: proxy.url });
    const paths = async () => [await outcome(egress, sink.url), proxy.requests.length];
    expect(await paths()).toEqual([200, 0]);
    egress.apply({ ...OPEN, egressProxy: true });
    expect(await paths()).toEqual([200, 1]);
    egress.apply(OPEN);
    expect(await paths()).toEqual([200, 1]);
    expect(troubles).toEqual([]);
  });

  it('that wants a proxy which cannot be used is reported, and everything waits', async () => {
    const sink = await startSink();
    const { egress, troubles } = open(
      { ...OPEN, egressProxy: true },
      { HTTPS_PROXY: 'socks5://me:hush@proxy' },
    );
    expect(troubles).toEqual([
      'HTTPS_PROXY is no proxy that can be used; expected http://host:port or https://host:port',
    ]);
    expect(await outcome(egress, sink.url)).toBe('offline');
    egress.apply(OPEN);
    expect(await outcome(egress, sink.url)).toBe(200);
  });
});

describe('where Aftercall itself listens', () => {
  it('no delivery goes, whatever is allowed; other ports of the machine stay open', async () => {
    const [own, other] = [await startSink(), await startSink()];
    const { egress } = open({ ...OPEN, egressAllow: ['127.0.0.0/8', '::1'] });
    egress.setOwnListener({ address: '0.0.0.0', port: own.port });
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0.0.0.0', '127.0.0.9'])
      expect(await outcome(egress, `http://${host}:${own.port}/hooks/x/y`)).toBe('address_forbidden');
    expect(own.requests).toEqual([]);
    expect(await outcome(egress, other.url)).toBe(200);
  });

  it('no mail goes', async () => {
    const own = await startSink();
    const { egress } = open(OPEN);
    egress.setOwnListener({ address: '127.0.0.1', port: own.port });
    const message = {
      from: 'a@example.com',
      to: ['b@example.com'],
      subject: 's',
      text: 't',
      messageId: '<m@example.com>',
    };
    const error: unknown = await egress.mail
      .send(`smtp://127.0.0.1:${own.port}`, message, 5000)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(MailError);
    expect(error).toMatchObject({
      failure: 'address_forbidden',
      message: expect.stringContaining('itself listens'),
    });
  });
});
