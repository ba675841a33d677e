import { type SourceConfig } from '../config/config.js';
import { type Store } from '../store/store.js';
import { sourceSilent } from './describe-signal.js';
import { type Finding } from './finding.js';

/** Setting that keeps since when a source's silence counts, so that neither a restart nor a first start is one. */
const LISTENING = 'alerts.listening.';
/** An absence shorter than this share of `expect_every` hides no silence and makes none. */
const SHORT_ABSENCE = 0.1;

interface Listening {
  /** Time of the last event known, or since when we have listened in vain. */
  since: number;
  /** When its silence was told last. */
  toldAt: number;
}

/** Finds sources that were silent for longer than their `expect_every`; tells once per `expect_every`. */
export class SilenceWatch {
  readonly #sources = new Map<string, Listening>();
  #aliveUntil = -Infinity;

  constructor(private readonly store: Pick<Store, 'lastEventAt' | 'findSettings' | 'putSetting'>) {}

  /** `aliveUntil`: until when the process before this one was surely listening; null when that is not known. */
  start(aliveUntil: number | null): void {
    this.#aliveUntil = aliveUntil ?? -Infinity;
  }

  async find(sources: Iterable<SourceConfig>, now: number): Promise<Finding[]> {
    const expected = [...sources].filter(({ expectEveryMs }) => expectEveryMs !== null);
    await this.#keepUp(expected, now);
    const findings: Finding[] = [];
    for (const { name, expectEveryMs } of expected) {
      const since = await this.#silentSince(name, expectEveryMs ?? Infinity, now);
      if (since !== null) findings.push(sourceSilent(name, since, expectEveryMs ?? Infinity));
    }
    // From now on this process listens itself; what is new or expected anew begins at its own time.
    this.#aliveUntil = now;
    return findings;
  }

  /** Learns of new sources and forgets those that nothing is expected of any more. */
  async #keepUp(expected: readonly SourceConfig[], now: number): Promise<void> {
    const names = expected.map(({ name }) => name);
    const isSettled = names.length === this.#sources.size && names.every((name) => this.#sources.has(name));
    if (isSettled) return;
    const kept = await this.store.findSettings(LISTENING);
    for (const key of Object.keys(kept))
      if (!names.includes(key.slice(LISTENING.length))) await this.store.putSetting(key, null);
    for (const name of this.#sources.keys()) if (!names.includes(name)) this.#sources.delete(name);
    for (const { name, expectEveryMs } of expected)
      if (!this.#sources.has(name)) await this.#listen(name, kept[LISTENING + name], expectEveryMs ?? 0, now);
  }

  async #listen(name: string, kept: string | undefined, expectEveryMs: number, now: number): Promise<void> {
    const isShort = now - this.#aliveUntil <= expectEveryMs * SHORT_ABSENCE;
    const listening = isShort && kept !== undefined ? Number(kept) : now;
    if (String(listening) !== kept) await this.store.putSetting(LISTENING + name, String(listening));
    this.#sources.set(name, { since: listening, toldAt: -Infinity });
  }

  /** Asks the store only where, as far as is known, the silence is too long. Null: it is not, or was told. */
  async #silentSince(name: string, expectEveryMs: number, now: number): Promise<number | null> {
    const source = this.#sources.get(name);
    if (!source || now - Math.max(source.since, source.toldAt) < expectEveryMs) return null;
    source.since = (await this.store.lastEventAt(name, source.since)) ?? source.since;
    if (now - source.since < expectEveryMs) return null;
    source.toldAt = now;
    return source.since;
  }
}
