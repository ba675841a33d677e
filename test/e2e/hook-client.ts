import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';

/** Matches the id of any event. */
export const ANY_ID: unknown = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** An answer of the hook. */
export interface HookAnswer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

/** Posts bytes, or a value as JSON, and reads the answer. */
export async function post(
  url: string,
  content: Uint8Array | string | object,
  headers: Record<string, string> = {},
): Promise<HookAnswer> {
  const body =
    content instanceof Uint8Array || typeof content === 'string' ? content : JSON.stringify(content);
  const response = await fetch(url, { method: 'POST', body: Buffer.from(body), headers });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as HookAnswer['body'], headers: response.headers };
}

/** Bytes of one file of `test/fixtures/autocalls`. */
export function fixtureBytes(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/autocalls/${name}.json`, import.meta.url));
}

export type SampleCall = Record<string, unknown> & { lead: Record<string, unknown> };

/** The documented call, with these fields in place of its own. */
export function sampleCall(changes: Record<string, unknown> = {}): SampleCall {
  return { ...(JSON.parse(fixtureBytes('completed-campaign').toString()) as SampleCall), ...changes };
}

/** A documented call that nobody sent before. */
export function freshCall(changes: Record<string, unknown> = {}): SampleCall {
  return sampleCall({ id: randomUUID(), ...changes });
}

/** The answer to a call that is new and made these rules fire. */
export function answerAccepted(fired: string[]): object {
  return { status: 202, body: { status: 'accepted', event_id: ANY_ID, fired } };
}
