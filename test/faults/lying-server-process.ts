import { fileURLToPath } from 'node:url';
import { type ServerProcess, startScript } from '../support/server-process.js';

const SCRIPT = fileURLToPath(new URL('./lying-server.ts', import.meta.url));

/** The control: a server that is right in everything but that it answers before the commit. */
export function startLyingServer(at: { cwd: string; port: number }): Promise<ServerProcess> {
  return startScript(SCRIPT, at);
}
