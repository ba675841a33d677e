import { type LookupAddress } from 'node:dns';
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';

export const HOSTS_FILE =
  process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';

export interface HostsFile {
  /** The addresses that the file gives to a name (lower case); none when it names it nowhere. */
  find(name: string): Promise<LookupAddress[]>;
}

/** Reads the file anew when it has changed. A file that cannot be read names nobody. */
export function createHostsFile(path = HOSTS_FILE): HostsFile {
  let read = { version: '', names: new Map<string, LookupAddress[]>() };
  return {
    async find(name) {
      const version = await versionOf(path);
      if (version !== read.version) read = { version, names: parseHosts(await textOf(path)) };
      return read.names.get(name) ?? [];
    },
  };
}

async function versionOf(path: string): Promise<string> {
  const file = await stat(path).catch(() => null);
  return file === null ? '' : `${file.ino} ${file.size} ${file.mtimeMs}`;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** `127.0.0.1 localhost alias # comment`, a line each; lines that begin with no address are left aside. */
export function parseHosts(text: string): Map<string, LookupAddress[]> {
  const names = new Map<string, LookupAddress[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    for (const alias of aliases) {
      const name = alias.toLowerCase();
      names.set(name, [...(names.get(name) ?? []), { address, family }]);
    }
  }
  return names;
}
