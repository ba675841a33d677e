import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a few MiB, so that filling it hurts nobody else. */
export interface SmallDisk {
  /** Writes until nothing fits any more. */
  fill(): void;
  /** Takes away what {@link SmallDisk.fill} wrote. */
  free(): void;
  unmount(): void;
}

/** Mounts a small file system in memory at `dir`. Only root may; throws otherwise. */
export function mountSmallDisk(dir: string, sizeMiB: number): SmallDisk {
  mkdirSync(dir, { recursive: true });
  run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'aftercall-test', dir]);
  const filler = join(dir, 'filler');
  return {
    fill: () => fill(filler),
    free: () => rmSync(filler),
    unmount: () => run('umount', ['--lazy', dir]),
  };
}

/** Whether this user may mount at all. */
export function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-mount-'));
  try {
    mountSmallDisk(dir, 1).unmount();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function run(command: string, args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** Smaller and smaller pieces, down to the last page. */
function fill(file: string): void {
  for (let size = 2 ** 20; size >= 512; size /= 2) {
    const piece = Buffer.alloc(size, 'x');
    while (canAppend(file, piece));
  }
}

function canAppend(file: string, piece: Buffer): boolean {
  try {
    writeFileSync(file, piece, { flag: 'a' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
