import { type LiveRuleSet } from '../config/live.js';
import { type Clock } from '../lib/clock.js';
import { type DeliveryQueue, type Permit } from '../queue/queue.js';
import { type Store } from '../store/store.js';
import { admitWanted, type Wanted } from './admissions.js';
import { Appetite } from './appetite.js';
import { AskAgain } from './ask-again.js';
import { STORE_PAUSE_MS } from './carrier.js';
import { claimWanted, roomOf, type Taken } from './claim-wanted.js';
import { type Lanes } from './lanes.js';
import { LONGEST_SLEEP_MS, WakeTimer } from './wake-timer.js';

/** How long it sleeps while it cannot know what is due next. */
const BACKLOG_SLEEP_MS = 1_000;

export interface ClaimRoundsOptions {
  store: Pick<Store, 'claim' | 'nextDueAt' | 'isShared'>;
  queue: Pick<DeliveryQueue, 'admit' | 'release'>;
  live: { current(): Pick<LiveRuleSet, 'config'> };
  clock: Clock;
  lanes: Lanes;
  leaseMs: number;
  /** Given every delivery that was claimed. */
  take: (taken: Taken) => void;
  onTrouble: (error: unknown) => void;
}

/** Claims for the lanes that were woken, one round after the other, and sleeps until the next of them is due. */
export class ClaimRounds {
  readonly #hungry = new Set<string>();
  /** Destinations that the configuration no longer has, with something still planned for them. */
  #gone: readonly string[] = [];
  #round: Promise<void> = Promise.resolve();
  #claiming = false;
  #stopped = false;
  /** Set once the store was asked; from then on every change of a due time passes through here. */
  #knowsNextDue = false;
  readonly #timer: WakeTimer;
  readonly #askAgain: AskAgain;
  readonly #appetite = new Appetite();

  constructor(private readonly options: ClaimRoundsOptions) {
    this.#timer = new WakeTimer(options.clock, () => {
      this.#knowsNextDue = false;
      this.look();
    });
    this.#askAgain = new AskAgain(options.clock, (names) => this.wake(names));
  }

  sleepUntil(time: number): void {
    this.#timer.sleepUntil(time);
  }

  alsoLookAt(gone: readonly string[]): void {
    this.#gone = gone;
  }

  /** Starts no further round; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer.stop();
    this.#askAgain.stop();
    await this.#round;
  }

  /** Looks at every lane, e.g. at start, after a configuration change and when a timer ends. */
  look(): void {
    this.wake([...this.options.live.current().config.destinations.keys(), ...this.#gone]);
  }

  wake(destinations: readonly string[]): void {
    for (const destination of destinations) this.#hungry.add(destination);
    this.#startRound();
  }

  #startRound(): void {
    if (!this.#claiming && !this.#stopped) this.#round = this.#claimDue();
  }

  /** One claim at a time; wake-ups that arrive meanwhile are served by the next round. */
  async #claimDue(): Promise<void> {
    this.#claiming = true;
    const since = this.options.clock.now();
    try {
      for (let wanted = this.#wanted(); wanted.length > 0 && !this.#stopped; wanted = this.#wanted())
        await this.#claim(wanted);
      await this.#sleepUntilDue(since);
    } catch (error) {
      this.options.onTrouble(error);
      this.#timer.sleepUntil(this.options.clock.now() + STORE_PAUSE_MS);
    } finally {
      this.#claiming = false;
      if (this.#hungry.size > 0) this.#startRound();
    }
  }

  #wanted(): Wanted[] {
    const { wanted, opensAt } = roomOf(this.options.lanes, this.#hungry, this.options.clock.now());
    this.#hungry.clear();
    // The timer is set here, because the lane may have opened by the time that this round ends.
    if (opensAt !== null) this.#timer.sleepUntil(opensAt);
    if (!this.options.store.isShared) return wanted;
    return wanted.map((want) => ({ ...want, count: this.#appetite.of(want.name, want.count) }));
  }

  async #claim(wanted: readonly Wanted[]): Promise<void> {
    const { store, clock, queue, lanes, leaseMs, take } = this.options;
    const { admitted, again } = await admitWanted(queue, lanes, wanted);
    this.#askAgain.refused(again);
    if (admitted.length === 0) return;
    const giveBack = (permit: Permit) => queue.release(permit, false);
    const more = await claimWanted({ store, lanes, now: clock.now(), leaseMs, giveBack }, admitted, take);
    for (const { name, count } of admitted) this.#appetite.fed(name, count, more.includes(name));
    for (const name of more) this.#hungry.add(name);
  }

  /** Timers may fire a moment early: what fell due after the round began, `since`, its claims may have missed. */
  async #sleepUntilDue(since: number): Promise<void> {
    this.#timer.sleepUntil(since + LONGEST_SLEEP_MS);
    if (this.#knowsNextDue) return;
    this.#knowsNextDue = true;
    const due = (await this.options.store.nextDueAt()) ?? Infinity;
    // What was due before and is still pending waits for a slot, and hides when the others are due.
    this.#timer.sleepUntil(due > since ? due : since + BACKLOG_SLEEP_MS);
  }
}
