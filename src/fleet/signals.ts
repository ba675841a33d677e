import { DESTINATION_SETTINGS, probeKey, settingsOf } from '../domain/destination-settings.js';
import { type Clock } from '../lib/clock.js';
import { type Store } from '../store/store.js';

const LOOK_MS = 1_000;

export interface SignalsOptions {
  store: Pick<Store, 'findSettings' | 'putSetting' | 'isShared'>;
  clock: Clock;
  /** Told of all settings of destinations, pauses among them. */
  onSettings: (settings: Record<string, string>) => void;
  /** Told which destinations a person asked another process to look at. */
  onProbe: (destinations: readonly string[]) => void;
  onTrouble: (error: unknown) => void;
}

/** What people ask of one process and all must hear, within a second: pauses, and to look at a destination at once. */
export class Signals {
  /** When each destination was asked to be looked at; null: nothing is known yet, and what is found then is old. */
  #known: Map<string, string> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(private readonly options: SignalsOptions) {}

  async start(): Promise<void> {
    await this.#look();
    if (this.options.store.isShared) this.#timer = setInterval(() => this.#startLook(), LOOK_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#looking;
  }

  /** Tells the other processes; this one has heard already. */
  async probe(destinations: readonly string[]): Promise<void> {
    const { store, clock } = this.options;
    if (!store.isShared) return;
    const now = new Date(clock.now()).toISOString();
    for (const name of destinations) {
      this.#known?.set(name, now);
      await store.putSetting(probeKey(name), now);
    }
  }

  #startLook(): void {
    this.#looking ??= this.#look()
      .catch(this.options.onTrouble)
      .finally(() => {
        this.#looking = null;
      });
  }

  async #look(): Promise<void> {
    const settings = await this.options.store.findSettings(DESTINATION_SETTINGS);
    this.options.onSettings(settings);
    const asked = settingsOf(settings, 'probe');
    const known = this.#known;
    const news = known === null ? [] : [...asked].filter(([name, at]) => known.get(name) !== at);
    this.#known = asked;
    if (news.length > 0) this.options.onProbe(news.map(([name]) => name));
  }
}
