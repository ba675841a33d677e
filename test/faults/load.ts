import { faultCall, sha256 } from './fault-calls.js';

/** A program that does not answer for so long will not. */
const ANSWERED_WITHIN_MS = 60_000;

/** Posts calls over some connections, to one intake after the other. What got no answer is posted again, as the vendor's "resend" would. */
export class Load {
  /** Calls that were answered with 2xx, and when: milliseconds since the epoch. */
  readonly answered: { callId: string; hash: string; at: number }[] = [];
  readonly #again: string[] = [];
  #lastId = 700_000;
  #posts = 0;
  #loops: Promise<void>[] = [];
  #running = false;
  #onAnswer: (() => void)[] = [];

  constructor(
    private readonly urls: readonly string[],
    private readonly bytesOf: (callId: string) => string = faultCall,
  ) {}

  /** Posts until {@link Load.stop}, pausing between two calls of one connection. */
  start(connections: number, pauseMs = 0): void {
    this.#running = true;
    this.#loops = Array.from({ length: connections }, () => this.#loop(pauseMs));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
    this.#loops = [];
  }

  /** What got no answer is not posted again: nothing was promised. */
  forgetUnanswered(): void {
    this.#again.length = 0;
  }

  /** Posts so many new calls, each until it is answered with 2xx. */
  async post(count: number, connections = 10): Promise<void> {
    let left = count;
    const loop = async () => {
      while (left-- > 0) {
        const callId = this.#nextId();
        while (!(await this.#post(callId))) await sleep(20);
      }
    };
    await Promise.all(Array.from({ length: connections }, loop));
  }

  /** Resolves when one more call has been answered. @throws {Error} when none is for a long time. */
  nextAnswer(): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => reject(new Error('no call was answered with 2xx')), ANSWERED_WITHIN_MS);
      giveUp.unref();
      this.#onAnswer.push(() => {
        clearTimeout(giveUp);
        resolve();
      });
    });
  }

  async #loop(pauseMs: number): Promise<void> {
    while (this.#running) {
      const callId = this.#again.shift() ?? this.#nextId();
      const ok = await this.#post(callId);
      if (!ok) this.#again.push(callId);
      await sleep(ok ? pauseMs : 10);
    }
  }

  #nextId(): string {
    return String((this.#lastId += 1));
  }

  async #post(callId: string): Promise<boolean> {
    const body = this.bytesOf(callId);
    const url = this.urls[(this.#posts += 1) % this.urls.length] ?? '';
    try {
      const response = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(20_000) });
      await response.text();
      if (response.status < 200 || response.status > 299) return false;
    } catch {
      return false;
    }
    this.answered.push({ callId, hash: sha256(body), at: Date.now() });
    for (const resolve of this.#onAnswer.splice(0)) resolve();
    return true;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
