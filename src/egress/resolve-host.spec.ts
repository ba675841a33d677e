import { type LookupAddress } from 'node:dns';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type DnsAnswer,
  type DnsQuestion,
  type DnsServer,
  startDnsServer,
} from '../../test/support/dns-server.js';
import { type HostResolverOptions, type Resolve, createHostResolver, toLookup } from './resolve-host.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: (question: DnsQuestion) => DnsAnswer): Promise<DnsServer> {
  const server = await startDnsServer(answer);
  closing.push(() => server.close());
  return server;
}

const unknown: Resolve = (name, _options, callback) =>
  callback(Object.assign(new Error(name), { code: 'ENOTFOUND' }), []);

function ask(name: string, options: HostResolverOptions, family = 0): Promise<LookupAddress[]> {
  const resolve = createHostResolver({ hostsFile: '/nowhere', system: unknown, ...options });
  return asked(resolve, name, family);
}

function asked(resolve: Resolve, name: string, family = 0): Promise<LookupAddress[]> {
  return new Promise((done, fail) =>
    resolve(name, { all: true, family }, (error, addresses) => (error ? fail(error) : done(addresses))),
  );
}

const four = (address: string) => ({ address, family: 4 });

describe('a name', () => {
  it('is asked of the name servers', async () => {
    const { address, questions } = await serve(() => ['192.0.2.1', '192.0.2.2']);
    expect(await ask('Hooks.Example.com.', { servers: [address] })).toEqual([
      four('192.0.2.1'),
      four('192.0.2.2'),
    ]);
    expect(questions).toContainEqual({ name: 'hooks.example.com', type: 'A' });
  });

  it('of the hosts file is answered from there', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hosts-'));
    closing.push(() => rm(dir, { recursive: true }));
    const hostsFile = join(dir, 'hosts');
    await writeFile(hostsFile, '10.1.1.1 mail.example.com mail # ours\n');
    const { address, questions } = await serve(() => ['192.0.2.1']);
    const resolve = createHostResolver({ hostsFile, servers: [address], system: unknown });
    expect(await asked(resolve, 'mail')).toEqual([four('10.1.1.1')]);
    await writeFile(hostsFile, '10.1.1.2 mail.example.com\n10.1.1.3 mail.example.com\n');
    expect(await asked(resolve, 'mail.example.com')).toEqual([four('10.1.1.2'), four('10.1.1.3')]);
    expect(questions).toEqual([]);
  });

  it.each(['localhost', 'LOCALHOST.', 'db.localhost'])(
    '%s is this machine and asked of nobody',
    async (name) => {
      const { address, questions } = await serve(() => ['192.0.2.1']);
      expect(await ask(name, { servers: [address] })).toEqual([
        four('127.0.0.1'),
        { address: '::1', family: 6 },
      ]);
      expect(await ask(name, { servers: [address] }, 4)).toEqual([four('127.0.0.1')]);
      expect(questions).toEqual([]);
    },
  );

  it('that the name servers do not know is asked of the system', async () => {
    const { address } = await serve(() => 'not-found');
    const system: Resolve = (name, _options, callback) =>
      callback(null, name === 'printer' ? [four('10.9.9.9')] : []);
    expect(await ask('printer', { servers: [address], system })).toEqual([four('10.9.9.9')]);
  });

  it('is asked of the system when there is no name server', async () => {
    const gone = await startDnsServer(() => 'silence');
    await gone.close();
    expect(
      await ask('a.example', {
        servers: [gone.address],
        system: (_name, _options, done) => done(null, [four('10.0.0.1')]),
      }),
    ).toEqual([four('10.0.0.1')]);
  });

  it('is looked up once for all who ask at the same time, and anew afterwards', async () => {
    const { address, questions } = await serve(() => ['192.0.2.1']);
    const resolve = createHostResolver({ servers: [address], hostsFile: '/nowhere', system: unknown });
    await Promise.all([
      asked(resolve, 'a.example'),
      asked(resolve, 'A.example'),
      asked(resolve, 'a.example.'),
    ]);
    const ipv4Questions = () => questions.filter(({ type }) => type === 'A').length;
    expect(ipv4Questions()).toBe(1);
    await asked(resolve, 'a.example');
    expect(ipv4Questions()).toBe(2);
  });
});

describe('a failure', () => {
  const failing =
    (answer: DnsAnswer, root: DnsAnswer) =>
    ({ type }: DnsQuestion) =>
      type === 'NS' ? root : answer;
  const notAsked: Resolve = () => {
    throw new Error('the system must not be asked: it would wait in one of few threads');
  };

  it.each<[string, DnsAnswer, DnsAnswer, string]>([
    ['the name, while others are answered', 'silence', [], 'ETIMEOUT'],
    ['the servers of the name', 'server-failure', 'not-found', 'ESERVFAIL'],
    ['our name service, which is silent', 'silence', 'silence', 'EAI_AGAIN'],
    ['our name service, which fails at everything', 'server-failure', 'server-failure', 'EAI_AGAIN'],
  ])('is put down to %s', async (_whose, answer, root, code) => {
    const { address } = await serve(failing(answer, root));
    const options = { servers: [address], system: notAsked, limitMs: 200, aliveMs: 1000 };
    await expect(ask('a.example', options)).rejects.toMatchObject({ code });
  });

  it('is told to everybody who waits', async () => {
    const { address } = await serve(() => 'not-found');
    const resolve = createHostResolver({ servers: [address], hostsFile: '/nowhere', system: unknown });
    const answers = await Promise.allSettled([asked(resolve, 'a.example'), asked(resolve, 'a.example')]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('of one name keeps no other waiting', async () => {
    const { address } = await serve(({ name }) => (name.startsWith('hangs') ? 'silence' : ['192.0.2.1']));
    const resolve = createHostResolver({
      servers: [address],
      hostsFile: '/nowhere',
      system: notAsked,
      limitMs: 1000,
    });
    const order: string[] = [];
    const note = (name: string) =>
      asked(resolve, name)
        .catch(() => [])
        .then(() => order.push(name));
    await Promise.all([
      ...Array.from({ length: 30 }, (_, at) => note(`hangs-${at}.example`)),
      note('fine.example'),
    ]);
    expect(order[0]).toBe('fine.example');
  });
});

describe('toLookup', () => {
  const both: Resolve = (_name, _options, callback) =>
    callback(null, [four('192.0.2.1'), { address: '2001:db8::1', family: 6 }]);

  it('gives one address or all', () => {
    const seen: unknown[] = [];
    toLookup(both)('a.example', {}, (...given) => seen.push(given));
    toLookup(both)('a.example', { all: true }, (...given) => seen.push(given));
    expect(seen).toEqual([
      [null, '192.0.2.1', 4],
      [null, [four('192.0.2.1'), { address: '2001:db8::1', family: 6 }]],
    ]);
  });

  it('fails for a name without addresses', () => {
    toLookup((_name, _options, callback) => callback(null, []))('a.example', {}, (error) =>
      expect(error).toMatchObject({ code: 'ENOTFOUND' }),
    );
    expect.assertions(1);
  });
});
