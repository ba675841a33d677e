import { createProgram } from '../../src/cli/program.js';
import { ROOT } from './doc-examples.js';

/** Values for what the example configuration takes from the environment. */
export const ENVIRONMENT = {
  AFTERCALL_STORAGE: 'postgres://aftercall:a-password-of-the-tests@postgres:5432/aftercall',
  AFTERCALL_QUEUE: 'redis://redis:6379',
  AFTERCALL_PUBLIC_URL: 'https://hooks.example.com',
  AFTERCALL_ADMIN_TOKEN: 'an-admin-token-of-the-tests-0001',
  AUTOCALLS_HOOK_TOKEN: 'a-hook-token-of-the-tests-000001',
};

/** Roles that a process can have of its own. */
export const ROLES = ['api', 'intake', 'worker'];

export async function run(argv: string[], env: Record<string, string | undefined> = ENVIRONMENT) {
  let printed = '';
  const write = (text: string) => void (printed += text);
  const program = createProgram({
    ...{ stdout: write, stderr: write, stdin: () => Promise.resolve(new Uint8Array()), cwd: ROOT },
    ...{ env, isTty: false, ask: null, now: Date.now },
  });
  return { exitCode: await program.run(argv), printed };
}
