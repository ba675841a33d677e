import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** Stands between a program and a server, and can fail as a network does. */
export interface Relay {
  port: number;
  /** Cuts every connection, and each new one. */
  cut(): void;
  /** Connections stay open and carry nothing more, for good, as when the machine behind them is gone; so do new ones. */
  mute(): void;
  /** New connections are carried again. */
  restore(): void;
  close(): Promise<void>;
}

/** Carries connections from a free port of 127.0.0.1 to `port` of `host`. */
export async function startRelay(host: string, port: number): Promise<Relay> {
  const open = new Set<Socket>();
  let state: 'carries' | 'cuts' | 'mute' = 'carries';
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (state === 'cuts') near.destroy();
    if (state !== 'carries') return;
    const far = connect(port, host);
    keep(far);
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cutAll = () => open.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      state = 'cuts';
      cutAll();
    },
    mute: () => {
      state = 'mute';
      open.forEach((socket) => socket.removeAllListeners('data').removeAllListeners('close').pause());
    },
    restore: () => void (state = 'carries'),
    close: () => {
      cutAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function carry(from: Socket, to: Socket): void {
  from.on('data', (chunk: Buffer) => to.write(chunk));
  from.once('close', () => to.destroy());
}
