import { type AddressInfo, type Socket, createServer } from 'node:net';

/** Counts what its sockets did. */
export interface RawServer {
  port: number;
  /** Connections so far. */
  connectionCount: number;
  /** Bytes that the other side has taken or may still take, over all connections. */
  bytesWritten(): number;
  /** Settles once no connection is open. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** A server that speaks only as `script` has it, on a free port of 127.0.0.1 unless told otherwise. */
export async function startRawServer(
  script: (socket: Socket) => void,
  { host = '127.0.0.1', port = 0 } = {},
): Promise<RawServer> {
  const all: Socket[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    all.push(socket);
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
    script(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get connectionCount() {
      return all.length;
    },
    bytesWritten: () => all.reduce((sum, socket) => sum + socket.bytesWritten, 0),
    idle: () => idle(open),
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function idle(open: ReadonlySet<Socket>): Promise<void> {
  while (open.size > 0) {
    const [socket] = open;
    // `once` of node:events would fail with a reset connection.
    await new Promise<void>((resolve) => socket?.once('close', () => resolve()));
  }
}

/** Writes as fast as the other side reads, without end. */
export function flood(socket: Socket, chunk: string | Buffer): void {
  const write = () => {
    while (!socket.destroyed && socket.writable && socket.write(chunk));
  };
  socket.on('drain', write);
  write();
}

/** Writes a little every few milliseconds, without end. */
export function drip(socket: Socket, chunk: string | Buffer, everyMs = 5): void {
  const timer = setInterval(() => socket.writable && socket.write(chunk), everyMs);
  socket.once('close', () => clearInterval(timer));
}

/** Does something once the first bytes of the other side have come; the rest is read and left aside. */
export function onceAsked(socket: Socket, answer: () => void): void {
  socket.once('data', answer);
  socket.resume();
}
