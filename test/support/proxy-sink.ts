import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { type Duplex } from 'node:stream';

/** One request to the proxy, as its first line and headers had it. */
export interface ProxiedRequest {
  /** `CONNECT`, or the method of a request by whole address. */
  method: string;
  /** `host:port` for CONNECT, else the whole URL. */
  target: string;
  authorization: string | null;
}

export interface ProxyScript {
  /** Answers everything with this status instead of passing it on. */
  refuse?: { status: number; headers?: Record<string, string> };
  /** `before`: never answers. `after-bytes`: cuts the connection once the request has come. */
  fail?: 'before' | 'cut';
}

export interface ProxySink {
  url: string;
  port: number;
  requests: ProxiedRequest[];
  /** Connections so far. */
  connectionCount: number;
  respondWith(script: ProxyScript): void;
  /** Settles once no connection is open. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** An HTTP proxy for tests, on a free port of 127.0.0.1. Whatever it is asked for, it goes to `destinationPort`. */
export async function startProxySink(destinationPort: number): Promise<ProxySink> {
  const sink = new Sink(destinationPort);
  await sink.listen();
  return sink;
}

class Sink implements ProxySink {
  readonly requests: ProxiedRequest[] = [];
  connectionCount = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Duplex>();
  private script: ProxyScript = {};

  constructor(private readonly destinationPort: number) {
    this.server = createServer((message, response) => this.forward(message, response));
    this.server.on('connect', (message: IncomingMessage, socket: Socket) => this.tunnel(message, socket));
    this.server.on('connection', (socket: Socket) => {
      this.connectionCount += 1;
      this.keep(socket);
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  respondWith(script: ProxyScript): void {
    this.script = script;
  }

  async idle(): Promise<void> {
    while (this.sockets.size > 0) {
      const [socket] = this.sockets;
      // `once` of node:events would fail with a reset connection.
      await new Promise<void>((resolve) => socket?.once('close', () => resolve()));
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.sockets) socket.destroy();
    });
  }

  private note({ method = '', url = '', headers }: IncomingMessage): void {
    this.requests.push({ method, target: url, authorization: headers['proxy-authorization'] ?? null });
  }

  private keep(socket: Duplex): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private tunnel(message: IncomingMessage, socket: Socket): void {
    this.note(message);
    const { refuse, fail } = this.script;
    if (fail === 'before') return void socket.resume().once('end', () => socket.end());
    if (fail === 'cut') return void socket.destroy();
    if (refuse) {
      const headers = Object.entries(refuse.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      return void socket.end(`HTTP/1.1 ${refuse.status} No\r\n${headers.join('')}\r\n`);
    }
    const onward = connect(this.destinationPort, '127.0.0.1');
    this.keep(onward);
    onward.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.once('close', () => socket.destroy());
  }

  private forward(message: IncomingMessage, response: ServerResponse): void {
    this.note(message);
    const { refuse, fail } = this.script;
    if (fail === 'before') return;
    if (fail === 'cut') return void message.socket.destroy();
    if (refuse) return void response.writeHead(refuse.status, refuse.headers).end('the proxy says no');
    const { pathname, search } = new URL(message.url ?? '/', 'http://none');
    const { 'proxy-authorization': _ours, ...headers } = message.headers;
    const to = { host: '127.0.0.1', port: this.destinationPort, path: pathname + search };
    const onward = request({ ...to, method: message.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    message.pipe(onward);
  }
}
