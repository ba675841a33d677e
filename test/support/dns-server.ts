import { type RemoteInfo, type Socket, createSocket } from 'node:dgram';
import { isIP } from 'node:net';

/** Addresses; an error; or no answer at all. */
export type DnsAnswer = readonly string[] | 'not-found' | 'server-failure' | 'silence';

export interface DnsQuestion {
  name: string;
  type: 'A' | 'AAAA' | 'NS' | 'other';
}

export interface DnsServer {
  /** `127.0.0.1:port`, as resolvers take it. */
  address: string;
  questions: DnsQuestion[];
  close(): Promise<void>;
}

/** A name server for tests, on a free port of 127.0.0.1. Of several addresses, those of the asked family are sent. */
export async function startDnsServer(
  answer: (question: DnsQuestion) => DnsAnswer,
  { port = 0, host = '127.0.0.1' } = {},
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: DnsQuestion[] = [];
  socket.on('message', (message, sender) => {
    const { question, end } = readQuestion(message);
    questions.push(question);
    reply(socket, sender, message.subarray(0, end), question, answer(question));
  });
  await new Promise<void>((resolve) => socket.bind(port, host, resolve));
  return {
    address: `${host}:${socket.address().port}`,
    questions,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const HEADER_BYTES = 12;
const TYPES: Record<number, DnsQuestion['type']> = { 1: 'A', 2: 'NS', 28: 'AAAA' };

function readQuestion(message: Buffer): { question: DnsQuestion; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = TYPES[message.readUInt16BE(at + 1)] ?? 'other';
  // The root's zero byte, type and class.
  return { question: { name: labels.join('.').toLowerCase(), type }, end: at + 5 };
}

const CODES = { 'not-found': 3, 'server-failure': 2 };

function reply(
  socket: Socket,
  to: RemoteInfo,
  asked: Buffer,
  { type }: DnsQuestion,
  answer: DnsAnswer,
): void {
  if (answer === 'silence') return;
  const family = type === 'A' ? 4 : type === 'AAAA' ? 6 : 0;
  const addresses = typeof answer === 'string' ? [] : answer.filter((address) => isIP(address) === family);
  const header = Buffer.from(asked);
  const code = typeof answer === 'string' ? CODES[answer] : 0;
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt32BE(0, 8);
  socket.send(Buffer.concat([header, ...addresses.map(record)]), to.port, to.address);
}

/** A record for the name asked for, with no time to live. */
function record(address: string): Buffer {
  const bytes = isIP(address) === 4 ? address.split('.').map(Number) : ipv6Bytes(address);
  const head = Buffer.from([
    0xc0,
    HEADER_BYTES,
    0,
    bytes.length === 4 ? 1 : 28,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    bytes.length,
  ]);
  return Buffer.concat([head, Buffer.from(bytes)]);
}

function ipv6Bytes(address: string): number[] {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return all.flatMap((group) => [group >> 8, group & 255]);
}
