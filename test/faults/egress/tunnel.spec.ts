import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { type TunnelReport } from './tunnel-process.js';

const PROGRAM = fileURLToPath(new URL('./tunnel-process.ts', import.meta.url));
const REGISTER_TS = new URL('../../support/register-ts.mjs', import.meta.url).href;
const CERTIFICATE = fileURLToPath(new URL('../../fixtures/tls/cert.pem', import.meta.url));

it('speaks TLS with the destination through a proxy, checks its certificate and keeps the tunnel', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--import', REGISTER_TS, PROGRAM],
    {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: CERTIFICATE },
      timeout: 50_000,
    },
  );
  const report = JSON.parse(stdout) as TunnelReport;
  expect(report).toEqual({
    answers: [
      { status: 200, body: 'POST destination.test/one' },
      { status: 200, body: 'POST destination.test/two' },
    ],
    wrongName: 'tls',
    targets: ['CONNECT destination.test:443', 'CONNECT other.test:443'],
    proxyCredentialsSeen: 0,
  });
});
