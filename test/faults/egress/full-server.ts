import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

/** A port where connections are neither taken nor refused. */
export interface FullServer {
  port: number;
  close(): Promise<void>;
}

/** Queues of one connection, as the kernel counts: beyond two, the first packet goes unanswered. */
const PROGRAM = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.stdout.write(String(server.address().port)));
`;
const QUEUE_LENGTH = 8;

/** A process that listens and is stopped, with its queue of untaken connections full. */
export async function startFullServer(): Promise<FullServer> {
  const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(text.toString());
  child.kill('SIGSTOP');
  const waiting = Array.from({ length: QUEUE_LENGTH }, () => connect(port, '127.0.0.1'));
  for (const socket of waiting) socket.on('error', () => undefined);
  await Promise.race(waiting.map((socket) => once(socket, 'connect')));
  return { port, close: () => close(child, waiting) };
}

async function close(child: ChildProcess, waiting: Socket[]): Promise<void> {
  for (const socket of waiting) socket.destroy();
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
