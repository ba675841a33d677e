import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './doc-examples.js';
import { imageProblem } from './deploy-files.js';

interface Instruction {
  word: string;
  rest: string;
}

/** What is wrong with a Dockerfile and its ignore file; empty when nothing is. */
export function dockerfileProblems(text: string, ignoreFile: string): string[] {
  const instructions = readInstructions(text);
  const last = instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));
  return [
    ...bases(instructions).flatMap((image) => imageProblem(image) ?? []),
    ...copies(instructions).flatMap((copy) => copyProblems(copy, stages(instructions), ignoreFile)),
    ...lastStageProblems(last),
  ];
}

function readInstructions(text: string): Instruction[] {
  const lines = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
  return [...lines.matchAll(/^([A-Z]+)\s+(.+)$/gm)].map(([, word = '', rest = '']) => ({ word, rest }));
}

/** The images that stages begin with, with the defaults of `ARG` put in. */
function bases(instructions: Instruction[]): string[] {
  const defaults = new Map(
    instructions.filter(({ word }) => word === 'ARG').map(({ rest }) => rest.split('=') as [string, string]),
  );
  return instructions
    .filter(({ word }) => word === 'FROM')
    .map(({ rest }) =>
      (rest.split(' ')[0] ?? '').replace(/\$\{(\w+)\}/g, (_, name: string) => defaults.get(name) ?? ''),
    );
}

function stages(instructions: Instruction[]): string[] {
  return instructions.flatMap(({ word, rest }) =>
    word === 'FROM' ? (/ AS (\w+)$/.exec(rest)?.[1] ?? []) : [],
  );
}

function copies(instructions: Instruction[]): string[] {
  return instructions.filter(({ word }) => word === 'COPY').map(({ rest }) => rest);
}

function copyProblems(copy: string, known: string[], ignoreFile: string): string[] {
  const from = /^--from=(\w+) /.exec(copy)?.[1];
  if (from !== undefined) return known.includes(from) ? [] : [`COPY from the unknown stage ${from}`];
  const sources = copy.split(/\s+/).slice(0, -1);
  const missing = sources.filter((source) => !existsSync(join(ROOT, source)));
  const ignored = sources.filter((source) => !ignoreFile.split('\n').includes(`!${source}`));
  return [
    ...missing.map((source) => `COPY of ${source}, which is not there`),
    ...ignored.map((source) => `COPY of ${source}, which the ignore file keeps out`),
  ];
}

function lastStageProblems(stage: Instruction[]): string[] {
  const user = stage.findLast(({ word }) => word === 'USER')?.rest ?? '';
  const exec = (word: string) => stage.some((line) => line.word === word && line.rest.startsWith('['));
  return [
    ...(/^[1-9]\d*(:[1-9]\d*)?$/.test(user) ? [] : ['the user is root, or no number']),
    ...(stage.some(({ word, rest }) => word === 'HEALTHCHECK' && rest.includes('/health/live'))
      ? []
      : ['no health check']),
    ...(exec('ENTRYPOINT') && exec('CMD') ? [] : ['a shell stands between the engine and the process']),
    ...(stage.some(({ word, rest }) => word === 'RUN' && /apt-get|npm/.test(rest))
      ? ['the last stage installs something']
      : []),
  ];
}
