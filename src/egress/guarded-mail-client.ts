import net from 'node:net';
import { type Readable } from 'node:stream';
import {
  type MailMessage as PreparedMail,
  type SMTPPoolOptions,
  type SMTPPoolSentMessageInfo,
  type Transporter,
  createTransport,
} from 'nodemailer';
import { AddressForbiddenError, type AddressGuard } from './address-guard.js';
import { startDeadline } from './deadline.js';
import { type MailClient, type MailMessage, type MailResult, MailError } from './mail-client.js';
import { mailErrorOf, refusalsOf } from './mail-errors.js';
import { toNodemailer } from './mail-message.js';
import { type SmtpServer, parseSmtpUrl } from './smtp-url.js';

const MAX_POOLS = 20;
const MAX_CONNECTIONS_PER_POOL = 5;
const CONNECT_TIMEOUT_MS = 30_000;
const SOCKET_TIMEOUT_MS = 60_000;
/** Of several addresses, each gets this long before the next is tried too; Node's 250 ms cut slow links off. */
const NEXT_ADDRESS_MS = 1000;
/** Shorter than servers wait for the next message (RFC 5321: 5 minutes, many: 1). */
const IDLE_TIMEOUT_MS = 30_000;

type Pool = Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>;

/** The one door out for mail. Never opens a file or URL that a message names. */
export function createMailClient(guard: AddressGuard): MailClient & { close(): void } {
  const pools = new PoolBook(guard);
  return {
    send: (smtpUrl, message, timeoutMs, signal) => sendMail(pools, smtpUrl, message, { timeoutMs, signal }),
    close: () => pools.close(),
  };
}

async function sendMail(
  pools: PoolBook,
  smtpUrl: string,
  message: MailMessage,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
): Promise<MailResult> {
  const mail = toNodemailer(message);
  const pool = pools.open(smtpUrl);
  const progress: Progress = { streams: [] };
  const deadline = startDeadline(timeoutMs, signal);
  pool.inFlight += 1;
  try {
    const sent = await pool.transporter.sendMail({ ...mail, signal: deadline.signal, ...{ progress } });
    return { accepted: sent.accepted, refused: refusalsOf(sent.rejectedErrors) };
  } catch (error) {
    throw mailErrorOf(error, hasBegun(progress), timeoutMs);
  } finally {
    deadline.clear();
    pools.release(pool);
  }
}

/** The message's streams: one is read from only after the server said 354 to DATA. */
interface Progress {
  streams: Readable[];
}

function hasBegun({ streams }: Progress): boolean {
  return streams.some((stream) => stream.readableDidRead);
}

/** Lets {@link hasBegun} see how far a message got: nodemailer's errors do not say. */
function watchStreams(mail: PreparedMail<SMTPPoolSentMessageInfo>, done: () => void): void {
  const { progress } = mail.data as { progress?: Progress };
  const { message } = mail;
  if (progress && message) {
    const create = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const stream = create(options);
      progress.streams.push(stream);
      return stream;
    };
  }
  done();
}

interface OpenPool {
  transporter: Pool;
  inFlight: number;
  /** That of the guard when the pool was made: its connections were checked by that guard. */
  generation: number;
}

/** Pools of open connections by SMTP URL, the one used longest ago first. */
class PoolBook {
  readonly #pools = new Map<string, OpenPool>();
  readonly #guard: AddressGuard;

  constructor(guard: AddressGuard) {
    this.#guard = guard;
  }

  /** @throws {MailError} when the URL cannot be read. */
  open(smtpUrl: string): OpenPool {
    this.#retire();
    const pool = this.#pools.get(smtpUrl) ?? {
      transporter: createPool(readUrl(smtpUrl), this.#guard),
      inFlight: 0,
      generation: this.#guard.generation,
    };
    this.#pools.delete(smtpUrl);
    this.#pools.set(smtpUrl, pool);
    this.#closeIdle();
    return pool;
  }

  /** Call when a mail is done. */
  release(pool: OpenPool): void {
    pool.inFlight -= 1;
    if (pool.inFlight === 0 && pool.generation !== this.#guard.generation) pool.transporter.close();
  }

  close(): void {
    for (const { transporter } of this.#pools.values()) transporter.close({ force: true });
    this.#pools.clear();
  }

  /** Idle connections that were checked by an earlier guard are closed; mail under way goes on. */
  #retire(): void {
    for (const [url, pool] of this.#pools) {
      if (pool.generation === this.#guard.generation) continue;
      this.#pools.delete(url);
      if (pool.inFlight === 0) pool.transporter.close();
    }
  }

  /** URLs change when passwords are rotated; a pool with mail under way is never closed. */
  #closeIdle(): void {
    for (const [url, pool] of [...this.#pools].slice(0, -1)) {
      if (this.#pools.size <= MAX_POOLS) return;
      if (pool.inFlight > 0) continue;
      pool.transporter.close();
      this.#pools.delete(url);
    }
  }
}

function readUrl(smtpUrl: string): SmtpServer {
  try {
    return parseSmtpUrl(smtpUrl);
  } catch (error) {
    throw new MailError('message', error instanceof Error ? error.message : String(error), null, false);
  }
}

function createPool(server: SmtpServer, guard: AddressGuard): Pool {
  const { host, port, secure, requireTls, verifyCertificate, auth, name } = server;
  const options: SMTPPoolOptions & { pool: true } = {
    ...{ host, port, secure, requireTLS: requireTls, tls: { rejectUnauthorized: verifyCertificate } },
    pool: true,
    ...(auth && { auth }),
    ...(name !== null && { name }),
    getSocket: (_options, callback) => dial(server, guard, callback),
    maxConnections: MAX_CONNECTIONS_PER_POOL,
    // A connection that the server closed meanwhile is replaced once; everything else is ours to retry.
    maxRequeues: 1,
    idleTimeout: IDLE_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return createTransport(options).use('stream', watchStreams);
}

/** nodemailer would resolve and dial by itself; the guard wants to see the address. */
function dial(
  { host, port }: SmtpServer,
  guard: AddressGuard,
  callback: (error: Error | null, options?: { connection: net.Socket }) => void,
): void {
  const refusal = guard.checkHost(host, port);
  if (refusal !== null) return callback(new AddressForbiddenError(refusal));
  const socket = net.connect({
    host,
    port,
    lookup: guard.lookupFor(port),
    timeout: CONNECT_TIMEOUT_MS,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
  });
  const onTimeout = () => socket.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
  socket.once('timeout', onTimeout);
  socket.once('error', callback);
  socket.once('connect', () => {
    socket.off('timeout', onTimeout).off('error', callback).setTimeout(0);
    callback(null, { connection: socket });
  });
}
