import { type Json } from '../lib/json.js';
import { type Path } from './path.js';

/** 1-based place in a file. */
export interface Position {
  line: number;
  column: number;
}

/** A finding inside one file, before it is known how the file is called. */
export interface FileProblem extends Position {
  severity: 'error' | 'warning';
  path: Path;
  message: string;
}

/** One configuration file as read: its content, its own problems and where everything stands. */
export interface ConfigFile {
  /** For problems: below the working directory where it lies there, else below the configuration folder. */
  display: string;
  /** Path below the configuration folder, with forward slashes. */
  name: string;
  /** `undefined` when it could not be read at all; everything that depends on it is then left unchecked. */
  content: Json | undefined;
  problems: FileProblem[];
  /** Places whose value is a guess after a reported slip: findings there would only repeat it. */
  spoiled: readonly Path[];
  /** Position of a value, or of its key; where the path ends early, of the deepest part that exists. */
  locate(path: Path, at?: 'key' | 'value'): Position;
}

/** A configuration given as an object has no lines: every finding stands at 1:1. */
export function fileOfObject(name: string, content: Json, problems: FileProblem[] = []): ConfigFile {
  return { display: name, name, content, problems, spoiled: [], locate: () => ({ line: 1, column: 1 }) };
}
