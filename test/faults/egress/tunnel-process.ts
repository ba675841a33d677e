import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { createAddressGuard } from '../../../src/egress/address-guard.js';
import { createHttpClient } from '../../../src/egress/guarded-http-client.js';
import { EgressError } from '../../../src/egress/http-client.js';
import { readProxySettings } from '../../../src/egress/proxy-settings.js';
import { type Resolve } from '../../../src/egress/resolve-host.js';
import { startProxySink } from '../../support/proxy-sink.js';

/** What the program prints, as JSON. */
export interface TunnelReport {
  answers: { status: number; body: string }[];
  /** The failure of a destination whose certificate names another. */
  wrongName: string;
  targets: string[];
  /** Requests that showed the destination what is the proxy's. */
  proxyCredentialsSeen: number;
}

const unknownHere: Resolve = (name, _options, callback) =>
  callback(Object.assign(new Error(name), { code: 'ENOTFOUND' }), []);

/** Needs the certificate of the tests among those that Node trusts, which it reads when it starts. */
async function main(): Promise<TunnelReport> {
  const read = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));
  let proxyCredentialsSeen = 0;
  const destination = createServer({ cert: read('cert'), key: read('key') }, (request, response) => {
    if (request.headers['proxy-authorization'] !== undefined) proxyCredentialsSeen += 1;
    response.end(`${request.method} ${request.headers.host}${request.url}`);
  });
  await new Promise<void>((resolve) => destination.listen(0, '127.0.0.1', resolve));
  const proxy = await startProxySink((destination.address() as AddressInfo).port);
  const client = createHttpClient(createAddressGuard([], unknownHere));
  client.setProxies(readProxySettings({ HTTPS_PROXY: proxy.url.replace('//', '//me:hush@') }));
  const send = (url: string) => client.send({ method: 'POST', url, body: 'x', timeoutMs: 10_000 });
  const answers = [await send('https://destination.test/one'), await send('https://destination.test/two')];
  const wrongName: unknown = await send('https://other.test/').catch((error: unknown) => error);
  client.close();
  destination.closeAllConnections();
  destination.close();
  await proxy.close();
  return {
    answers: answers.map(({ status, body }) => ({ status, body })),
    wrongName: wrongName instanceof EgressError ? wrongName.failure : 'none',
    targets: proxy.requests.map(({ method, target }) => `${method} ${target}`),
    proxyCredentialsSeen,
  };
}

process.stdout.write(JSON.stringify(await main()));
