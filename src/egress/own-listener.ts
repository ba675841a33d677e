import { networkInterfaces } from 'node:os';
import { ipRanges, plainAddress } from '../lib/ip-ranges.js';

/** Where this server takes requests, as `server.address()` gives it. */
export interface OwnListener {
  address: string;
  port: number;
}

const EVERYWHERE = ['0.0.0.0', '::'];

/**
 * True when dialling this address and port would reach ourselves. A listener on all addresses is reached
 * over every address of this machine, and 0.0.0.0 and :: lead to whatever this machine has.
 */
export function isOwnListener(own: OwnListener, address: string, port: number): boolean {
  if (port !== own.port) return false;
  const dialled = plainAddress(address);
  const isEverywhere = EVERYWHERE.includes(own.address);
  const listening = isEverywhere ? ['127.0.0.0/8', '::1', ...machineAddresses()] : [own.address];
  return ipRanges([...listening, ...EVERYWHERE]).contains(dialled);
}

function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
