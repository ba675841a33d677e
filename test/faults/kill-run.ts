import Database from 'better-sqlite3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { type ServerProcess, freePort } from '../support/server-process.js';
import { sampleCall, writeFaultConfig } from './fault-config.js';

export interface KillRunOptions {
  calls: number;
  connections: number;
  kills: number;
  start(at: { cwd: string; port: number }): Promise<ServerProcess>;
}

/** What the history says, from the answers, the store and the sink's log. Every list should be empty. */
export interface KillReport {
  answered: number;
  kills: number;
  /** Answered with 2xx, but not in the store. */
  lost: string[];
  /** In the store more than once. */
  storedTwice: string[];
  /** Deliveries of answered calls that did not end as delivered. */
  undelivered: string[];
  /** Delivered according to the store, but the sink never saw the key. */
  unseen: string[];
  /** Requests beyond the first for one idempotency key: allowed, counted. */
  repeats: number;
}

/**
 * Posts calls from many connections while the process is killed with SIGKILL at random moments and
 * started again. A call without an answer is posted again, as the vendor's "resend" would; a call that
 * was answered never is, so that whatever was promised and not kept shows.
 */
export async function killRun(options: KillRunOptions): Promise<KillReport> {
  const dir = await mkdtemp(join(tmpdir(), 'aftercall-kill-'));
  const sink = await startHttpSink();
  const { token } = await writeFaultConfig(dir, sink.url);
  const port = await freePort();
  try {
    const run = new KilledServer(options, { cwd: dir, port });
    const answered = await run.postAll(`http://127.0.0.1:${port}/hooks/autocalls/${token}`);
    await run.drain();
    return check(join(dir, 'faults.db'), answered, sink, options.kills);
  } finally {
    await sink.close();
    await rm(dir, { recursive: true, force: true });
  }
}

class KilledServer {
  readonly #answered = new Set<string>();
  readonly #killAt: number[];
  #server: Promise<ServerProcess>;
  #next = 0;

  constructor(
    private readonly options: KillRunOptions,
    private readonly at: { cwd: string; port: number },
  ) {
    this.#server = options.start(at);
    // Moments in counts of answered calls, so that every kill falls into the middle of the load.
    this.#killAt = Array.from({ length: options.kills }, () =>
      Math.floor(Math.random() * options.calls * 0.95),
    ).sort((a, b) => a - b);
  }

  async postAll(url: string): Promise<Set<string>> {
    await this.#server;
    await Promise.all(Array.from({ length: this.options.connections }, () => this.#postLoop(url)));
    return this.#answered;
  }

  async #postLoop(url: string): Promise<void> {
    while (this.#next < this.options.calls) {
      const id = String(700_000 + (this.#next += 1));
      while (!(await this.#post(url, id))) await this.#server.catch(() => undefined);
      this.#answered.add(id);
      this.#killWhenDue();
    }
  }

  async #post(url: string, id: string): Promise<boolean> {
    try {
      const response = await fetch(url, { method: 'POST', body: sampleCall(id) });
      await response.text();
      return response.status >= 200 && response.status < 300;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return false;
    }
  }

  /** Not awaited by the loops: they go on posting into the dying process. */
  #killWhenDue(): void {
    const due = this.#killAt[0];
    if (due === undefined || this.#answered.size < due) return;
    this.#killAt.shift();
    this.#server = this.#server.then(async (server) => {
      await server.end('SIGKILL');
      return this.options.start(this.at);
    });
  }

  /** Waits until nothing is on its way any more, then stops the server in an orderly manner. */
  async drain(): Promise<void> {
    const server = await this.#server;
    const until = Date.now() + 60_000;
    while (Date.now() < until && (await onTheirWay(server.url)) > 0)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await server.end('SIGTERM');
  }
}

async function onTheirWay(url: string): Promise<number> {
  const page = await fetch(`${url}/metrics`).then((response) => response.text());
  const counts = [...page.matchAll(/^aftercall_deliveries\{state="(?:pending|sending)"\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

function check(file: string, answered: Set<string>, sink: HttpSink, kills: number): KillReport {
  const database = new Database(file, { readonly: true });
  const rows = database
    .prepare(
      'select e.call_id as callId, d.id as id, d.state as state from events e left join deliveries d on d.event_id = e.id',
    )
    .all() as { callId: string; id: string | null; state: string | null }[];
  database.close();
  const seen = new Map<string, number>();
  for (const { headers } of sink.requests) {
    const key = headers['idempotency-key'] ?? '';
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  const stored = new Map<string, number>();
  for (const { callId } of rows) stored.set(callId, (stored.get(callId) ?? 0) + 1);
  const promised = rows.filter(({ callId }) => answered.has(callId));
  return {
    answered: answered.size,
    kills,
    lost: [...answered].filter((id) => !stored.has(id)),
    storedTwice: [...stored].filter(([, count]) => count > 1).map(([id]) => id),
    undelivered: promised.filter(({ state }) => state !== 'delivered').map(({ callId }) => callId),
    unseen: promised.filter(({ id }) => !seen.has(`aftercall-${id}`)).map(({ callId }) => callId),
    repeats: sink.requests.length - seen.size,
  };
}
