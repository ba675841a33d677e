import { type AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';

/** One mail as the server took it. */
export interface SinkMail {
  /** Envelope sender. */
  from: string;
  /** Envelope recipients that were accepted. */
  to: string[];
  /** The message, headers and all. */
  raw: string;
  /** Unfolded headers by lower-case name; the last of equal names. */
  headers: Record<string, string>;
  time: number;
}

/** `{ code: 451, message: 'try later' }` refuses; undefined accepts. */
export interface SmtpRefusal {
  code: number;
  message?: string;
}

export interface SmtpScript {
  /** Asked for each recipient. */
  recipient?: (address: string) => SmtpRefusal | undefined;
  /** Answer to the message itself. `hang`: never answers; `cut`: closes the connection instead. */
  message?: (mail: SinkMail) => SmtpRefusal | 'hang' | 'cut' | undefined;
  /** Refuses the connection before the greeting's end. */
  connection?: () => SmtpRefusal | undefined;
}

export interface SmtpSink {
  /** `smtp://127.0.0.1:port`, with user and password where {@link startSmtpSink} was given some. */
  url: string;
  port: number;
  /** Mails that came whole, also those whose answer was a refusal, a hang or a cut; in order of arrival. */
  messages: SinkMail[];
  /** Connections so far. */
  connectionCount: number;
  /** Follows this script from now on. */
  respondWith(script: SmtpScript): void;
  reset(): void;
  close(): Promise<void>;
}

export interface SmtpSinkOptions {
  port?: number;
  /** Login that is asked for; none by default. */
  user?: string;
  password?: string;
  /** TLS from the first byte, with the self-signed certificate of `smtp-server`. */
  secure?: boolean;
  /** Offer STARTTLS. Default false. */
  startTls?: boolean;
}

/** A mail server for tests, on a free port of 127.0.0.1 unless told otherwise. */
export async function startSmtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const sink = new Sink(options);
  await sink.listen(options.port ?? 0);
  return sink;
}

class Sink implements SmtpSink {
  readonly messages: SinkMail[] = [];
  connectionCount = 0;
  private readonly server: SMTPServer;
  private script: SmtpScript = {};

  constructor(private readonly options: SmtpSinkOptions) {
    this.server = new SMTPServer(this.serverOptions());
    // A client that cuts the connection is part of the game.
    this.server.on('error', () => undefined);
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  get url(): string {
    const { user, password, secure } = this.options;
    const login =
      user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@`;
    const trust = secure || this.options.startTls ? '?tls.rejectUnauthorized=false' : '';
    return `${secure ? 'smtps' : 'smtp'}://${login}127.0.0.1:${this.port}${trust}`;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  respondWith(script: SmtpScript): void {
    this.script = script;
  }

  reset(): void {
    this.messages.length = 0;
    this.connectionCount = 0;
    this.script = {};
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private serverOptions(): SMTPServerOptions {
    const { user, password, secure, startTls } = this.options;
    return {
      secure: secure ?? false,
      authOptional: user === undefined,
      disabledCommands: [...(user === undefined ? ['AUTH'] : []), ...(startTls ? [] : ['STARTTLS'])],
      allowInsecureAuth: true,
      logger: false,
      closeTimeout: 50,
      onConnect: (_session, done) => {
        this.connectionCount += 1;
        done(refused(this.script.connection?.()));
      },
      onAuth: (auth, _session, done) => {
        const isRight = auth.username === user && auth.password === password;
        done(isRight ? null : refused({ code: 535, message: 'wrong user or password' }), {
          user: auth.username,
        });
      },
      onRcptTo: ({ address }, _session, done) => done(refused(this.script.recipient?.(address))),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => this.take(Buffer.concat(chunks).toString('utf8'), session, done));
      },
    };
  }

  private take(raw: string, session: SMTPServerSession, done: (error?: Error | null) => void): void {
    const { mailFrom, rcptTo } = session.envelope;
    const from = mailFrom === false ? '' : mailFrom.address;
    const mail = {
      from,
      to: rcptTo.map(({ address }) => address),
      raw,
      headers: headersOf(raw),
      time: Date.now(),
    };
    this.messages.push(mail);
    const answer = this.script.message?.(mail);
    if (answer === 'hang') return;
    if (answer === 'cut') return this.cutConnections();
    done(refused(answer));
  }

  private cutConnections(): void {
    for (const connection of this.server.connections) {
      const { _socket: socket } = connection as { _socket?: { destroy(): void } };
      socket?.destroy();
    }
  }
}

function refused(refusal: SmtpRefusal | undefined): Error | null {
  if (!refusal) return null;
  return Object.assign(new Error(refusal.message ?? 'refused'), { responseCode: refusal.code });
}

function headersOf(raw: string): Record<string, string> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== '') headers[name.toLowerCase()] = value;
  }
  return headers;
}
