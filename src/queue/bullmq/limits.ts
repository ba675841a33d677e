import { type Clock } from '../../lib/clock.js';
import { type Admission, type AdmissionRequest, type Permit } from '../queue.js';
import { QUIET_MS, START_MS, retrySoon } from './admission.js';
import { HeldPermits } from './held-permits.js';
import { LocalLimits } from './local-limits.js';
import { type PermitName, type RedisLimits } from './redis-limits.js';

/** How often permits are renewed, and Redis is asked whether it is back. */
const TICK_MS = 1_000;

/** Who is refused because another process serves alone asks again after this time. */
const AWAY_MS = 1_000;

/** While Redis learns what is held, which takes milliseconds. */
const JOINING_MS = 100;

export interface LimitsOptions {
  clock: Clock;
  isLeader: () => boolean;
  onTrouble: (error: unknown) => void;
  /** True while there is a connection. */
  isConnected: () => boolean;
  /** Names the run of the server that answers. @throws {Error} when none does. */
  askServer: () => Promise<string>;
  /** The same limits in Redis. `holder` begins the names of this process's permits. */
  redis: (holder: string) => RedisLimits;
}

/**
 * Who may begin: as Redis says, or, while that is away, as the leader's own memory says.
 *
 * - `apart`: Redis does not answer. The leader serves alone, the others refuse. Entered at start, and when a call
 *   fails or the connection ends; left to `joining` when there is a connection.
 * - `joining`: Redis learns what this process holds and permitted alone. Nothing is granted meanwhile, or it
 *   would be unknown there.
 * - `joined`: Redis decides. After a time apart nothing is granted for {@link QUIET_MS}, within which the leader
 *   has joined as well.
 */
export class Limits {
  #standing: 'apart' | 'joining' | 'joined' = 'apart';
  /** The run of the server that was joined last. */
  #server = '';
  #apartSince: number;
  #leadingSince: number | null = null;
  #quietUntil = 0;
  #hasBeenApart = false;
  #isClosed = false;
  #joining: Promise<void> | null = null;
  #isSending = false;
  #releases: (PermitName & { made: boolean })[] = [];
  readonly #held = new HeldPermits();
  readonly #local = new LocalLimits();
  readonly #redis: RedisLimits;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly options: LimitsOptions) {
    this.#redis = options.redis(this.#held.holder);
    this.#apartSince = options.clock.now();
    this.#timer = setInterval(() => void this.tick(), TICK_MS).unref();
  }

  get isJoined(): boolean {
    return this.#standing === 'joined';
  }

  async admit(requests: readonly AdmissionRequest[]): Promise<Admission[]> {
    const now = this.options.clock.now();
    const refuseAll = (until: number) => requests.map(({ destination }) => refuse(destination, until));
    if (this.#isClosed) return refuseAll(now + AWAY_MS);
    if (this.#standing === 'joining') return refuseAll(now + JOINING_MS);
    if (this.#standing === 'apart') return requests.map((request) => this.#admitAlone(request, now));
    if (now < this.#quietUntil) return refuseAll(this.#quietUntil);
    return this.#admitTogether(requests, now);
  }

  release(id: string, made: boolean): void {
    const held = this.#held.take(id);
    if (held === null) return;
    if (this.#standing === 'apart' && !held.isKnown)
      return this.#local.release(id, made, this.options.clock.now());
    this.#releases.push({ id, destination: held.destination, made });
    if (this.#isSending) return;
    this.#isSending = true;
    setImmediate(() => void this.#sendReleases());
  }

  /** Redis does not answer. `error`: what a call said; where the connection has ended, that speaks for itself. */
  lose(error?: unknown): void {
    if (error !== undefined && this.options.isConnected()) this.options.onTrouble(error);
    if (this.#standing === 'joined') this.#apartSince = this.options.clock.now();
    this.#standing = 'apart';
    this.#hasBeenApart = true;
  }

  /** Lets Redis decide, if it answers. Many who ask at once get one attempt. */
  join(): Promise<void> {
    this.#joining ??= this.#tryToJoin().finally(() => (this.#joining = null));
    return this.#joining;
  }

  /** Renews what is held; while Redis is away, tries to join. */
  async tick(): Promise<void> {
    this.#watchLeader(this.options.clock.now());
    if (this.#standing === 'apart') return this.join();
    if (this.#standing === 'joining') return;
    try {
      await this.#redis.renew(this.#held.all(), this.#server);
    } catch (error) {
      this.lose(error);
    }
  }

  /** Gives back what is held, as if it had been used: nobody knows better. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    for (const { id } of this.#held.all()) this.release(id, true);
    await this.#sendReleases();
  }

  async #tryToJoin(): Promise<void> {
    if (this.#standing !== 'apart' || this.#isClosed || !this.options.isConnected()) return;
    this.#standing = 'joining';
    try {
      this.#server = await this.options.askServer();
      const arrivals = this.#local.arrivals(this.options.clock.now());
      await this.#redis.renew(this.#held.all(), this.#server, arrivals);
      this.#haveJoined();
    } catch (error) {
      this.lose(error);
    }
  }

  #haveJoined(): void {
    // The connection may have ended since the answer came.
    if (this.#standing !== 'joining') return;
    this.#standing = 'joined';
    this.#held.known();
    this.#local.clear();
    if (this.#hasBeenApart) this.#quietUntil = this.options.clock.now() + QUIET_MS;
    void this.#sendReleases();
  }

  async #sendReleases(): Promise<void> {
    this.#isSending = false;
    if (!this.isJoined || this.#releases.length === 0) return;
    const releases = this.#releases;
    this.#releases = [];
    try {
      await this.#redis.release(releases);
    } catch (error) {
      this.#releases.push(...releases);
      this.lose(error);
    }
  }

  async #admitTogether(requests: readonly AdmissionRequest[], askedAt: number): Promise<Admission[]> {
    const numbered = requests.map((request) => ({ ...request, first: this.#held.number(request.count) }));
    // One connection keeps the order: what is given back has been given back when Redis decides.
    void this.#sendReleases();
    try {
      const answers = await this.#redis.admit(numbered, this.#server);
      const now = this.options.clock.now();
      return numbered.map((request, i) => {
        const { granted, waitMs } = answers[i] ?? { granted: 0, waitMs: 0 };
        const names = this.#held.names(request.destination, request.first, granted);
        for (const name of names) this.#held.add(name, true);
        return admission(request, names, { askedAt, now, opensAt: waitMs > 0 ? now + waitMs : null });
      });
    } catch (error) {
      this.lose(error);
      // Redis may have granted them all the same, and the answer was lost.
      for (const { destination, first, count } of numbered)
        for (const name of this.#held.names(destination, first, count))
          this.#releases.push({ ...name, made: false });
      return this.admit(requests);
    }
  }

  #admitAlone(request: AdmissionRequest, now: number): Admission {
    this.#watchLeader(now);
    const { destination, rate } = request;
    if (this.#leadingSince === null) return refuse(destination, now + AWAY_MS);
    const aloneSince = Math.max(this.#apartSince, this.#leadingSince);
    const running = this.#held.countOf(destination);
    const { granted, opensAt } = this.#local.decide(request, { running, aloneSince, now });
    const names = this.#held.names(destination, this.#held.number(granted), granted);
    for (const name of names) {
      this.#held.add(name, false);
      if (rate !== null) this.#local.add(name, rate.perMs, now);
    }
    return admission(request, names, { askedAt: now, now, opensAt });
  }

  /** A new leader does not know what the one before it permitted alone. */
  #watchLeader(now: number): void {
    if (!this.options.isLeader()) this.#leadingSince = null;
    else this.#leadingSince ??= now;
  }
}

function refuse(destination: string, askAgainAt: number): Admission {
  return { destination, permits: [], askAgainAt };
}

function admission(
  { destination, count, rate }: AdmissionRequest,
  names: readonly PermitName[],
  { askedAt, now, opensAt }: { askedAt: number; now: number; opensAt: number | null },
): Admission {
  const startBy = rate === null ? Infinity : askedAt + START_MS;
  const permits = names.map(({ id }): Permit => ({ destination, id, startBy }));
  if (names.length === count) return { destination, permits, askAgainAt: null };
  return {
    destination,
    permits,
    askAgainAt: opensAt === null ? retrySoon(now, Math.random()) : Math.max(opensAt, now + 1),
  };
}
