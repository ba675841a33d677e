import { InvalidArgumentError, Option } from 'commander';

/** Flags that several commands share, each with its environment twin. */
export const configOption = () =>
  new Option('-c, --config <folder>', 'folder of the configuration')
    .default('config')
    .env('AFTERCALL_CONFIG');

export type Output = 'text' | 'json';

export const outputOption = () =>
  new Option('-o, --output <form>', 'form of the output')
    .choices(['text', 'json'])
    .default('text')
    .env('AFTERCALL_OUTPUT');

export const sourceOption = () =>
  new Option('--source <name>', 'source the call comes from; default: the first of the configuration').env(
    'AFTERCALL_SOURCE',
  );

export const labelOption = () =>
  new Option('--label <name=value>', 'label laid over those of the source; may be repeated')
    .argParser(collectPair)
    .default({}, 'none');

export const atOption = () =>
  new Option('--at <time>', 'when the call is received, with its zone: 2025-01-15T11:35:00+01:00').argParser(
    parseTime,
  );

/** Gathers repeated `name=value` into one object. */
export function collectPair(written: string, before: Record<string, string>): Record<string, string> {
  const [name, value] = splitPair(written);
  return { ...before, [name]: value };
}

/** Splits at the first `=`; the value may hold more of them. */
export function splitPair(written: string): [name: string, value: string] {
  const at = written.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=value.');
  return [written.slice(0, at), written.slice(at + 1)];
}

/** Milliseconds since the epoch. A time without zone would mean something else on every machine. */
export function parseTime(written: string): number {
  const time = Date.parse(written);
  const hasZone = /T\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/.test(written);
  if (Number.isNaN(time) || !hasZone)
    throw new InvalidArgumentError('Expected a time with its zone, such as 2025-01-15T11:35:00+01:00.');
  return time;
}

export function parsePort(written: string): number {
  const port = Number(written);
  if (!/^\d{1,5}$/.test(written) || port > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return port;
}
