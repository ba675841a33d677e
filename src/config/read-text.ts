import { readFileSync, statSync } from 'node:fs';
import { MAX_FILE_BYTES } from './yaml/read-yaml.js';

/**
 * Text of a file, or why it cannot be read in words that fit after its name: `is missing`, `is larger than
 * 1 MiB`. Never blocks on a pipe and never throws.
 */
export function readText(path: string): { text: string } | { problem: string } {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { problem: 'is not a file' };
    if (stat.size > MAX_FILE_BYTES) return { problem: 'is larger than 1 MiB' };
    return decode(readFileSync(path));
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function decode(bytes: Uint8Array): { text: string } | { problem: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'is not UTF-8 text' };
  }
}

function problemOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is missing';
  return code === 'EACCES' || code === 'EPERM'
    ? 'may not be read by this user'
    : `cannot be read (${code ?? 'unknown error'})`;
}
