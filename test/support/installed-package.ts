import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface InstalledPackage {
  /** A folder of somebody else's, with `node_modules/aftercall` in it. */
  dir: string;
  remove(): void;
}

/**
 * Packs the project as `npm publish` would and installs it into an empty folder: the package's own files
 * from the tarball, and of everything else only what its `package.json` names (plus `extra`), linked from
 * here instead of fetched. A file or dependency that the package forgets is missing there.
 */
export function installPackage(extra: string[] = []): InstalledPackage {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-installed-'));
  const tarball = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', dir], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
  const target = join(dir, 'node_modules', 'aftercall');
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', join(dir, tarball), '-C', target, '--strip-components=1']);
  const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as Manifest;
  const named = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  for (const name of new Set([...named, ...extra])) link(dir, name);
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

interface Manifest {
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

function link(dir: string, name: string): void {
  const path = join(dir, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), path);
}
