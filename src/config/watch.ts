import { createHash } from 'node:crypto';
import { type FSWatcher, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { listConfigFolder } from './config-folder.js';
import { readText } from './read-text.js';

/** Editors write in several steps; a change counts once nothing more has happened for this long. */
const SETTLE_MS = 100;
/** Net below the file system's own events, which mounts and containers do not always deliver. */
const POLL_MS = 2_000;

export interface ConfigWatcher {
  /** Names the files to watch beside the folder, e.g. after `${file:…}` has changed. */
  watchFiles(files: readonly string[]): void;
  close(): void;
}

/**
 * Calls `onChange` when the content of `aftercall.yaml`, `rules/**\/*.yaml`, `templates/*.liquid` or one of
 * `files` has changed: by saving in place, by renaming, or by swapping a link, as a ConfigMap does. Equal
 * content is no change. Calls never overlap; a change during one is followed by another. A call that fails
 * goes to `onError` and is made again at the next look.
 */
export function watchConfig(
  dir: string,
  files: readonly string[],
  onChange: () => void | Promise<void>,
  onError: (error: unknown) => void = () => undefined,
): ConfigWatcher {
  return new FolderWatcher(dir, files, onChange, onError);
}

class FolderWatcher implements ConfigWatcher {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #poll: NodeJS.Timeout;
  #files: readonly string[];
  /** Sizes and times of all files: as long as they stay, nothing is read. */
  #stamp: string;
  /** Hash of the content that was last reported. */
  #known: string;
  #settling: NodeJS.Timeout | undefined;
  #busy = false;
  #again = false;
  #closed = false;

  constructor(
    private readonly dir: string,
    files: readonly string[],
    private readonly onChange: () => void | Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#files = files;
    this.#stamp = this.#stampNow();
    this.#known = this.#hash();
    this.#watchFolders();
    this.#poll = setInterval(() => this.#lookCheaply(), POLL_MS).unref();
  }

  watchFiles(files: readonly string[]): void {
    this.#files = files;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  /** Folders and not files: a file that is replaced by a rename takes its watcher with it. */
  #watchFolders(): void {
    const folders = new Set(listConfigFolder(this.dir).folders);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watchFolder(folder);
  }

  #watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#settle());
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // Gone again, or out of watches: the poll sees to it.
    }
  }

  #settle(): void {
    clearTimeout(this.#settling);
    if (!this.#closed) this.#settling = setTimeout(() => void this.#look(), SETTLE_MS).unref();
  }

  #lookCheaply(): void {
    const stamp = this.#stampNow();
    if (stamp !== this.#stamp || this.#known === '') void this.#look();
  }

  async #look(): Promise<void> {
    this.#again = this.#busy;
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    this.#watchFolders();
    this.#stamp = this.#stampNow();
    await this.#report(this.#hash());
    this.#busy = false;
    if (this.#again) this.#settle();
  }

  async #report(now: string): Promise<void> {
    if (now === this.#known) return;
    this.#known = now;
    try {
      await this.onChange();
    } catch (error) {
      this.#known = '';
      this.onError(error);
    }
  }

  #stampNow(): string {
    return [...this.#names().map((name) => join(this.dir, name)), ...this.#files].map(stampOf).join('\n');
  }

  #names(): string[] {
    const { rules, templates, misnamed } = listConfigFolder(this.dir);
    return ['aftercall.yaml', ...rules, ...templates, ...misnamed.map(({ name }) => name)];
  }

  #hash(): string {
    const hash = createHash('sha256');
    for (const name of this.#names())
      hash.update(`${name}\0${JSON.stringify(readText(join(this.dir, name)))}\0`);
    for (const file of this.#files) hash.update(`${file}\0${JSON.stringify(readText(file))}\0`);
    return hash.digest('hex');
  }
}

/** Follows links, so that a swapped `..data` shows. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${path} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return `${path} -`;
  }
}
