import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const SAMPLE = new URL('../fixtures/autocalls/completed-campaign.json', import.meta.url);
const template = readFileSync(SAMPLE, 'utf8')
  .replace('"id": 12345', '"id": <id>')
  .replace(/"lead_quality": "[^"]*"/, '"lead_quality": "<quality>"');

/** Every third call is hot, every third cold: rules tell them apart. */
const QUALITIES = ['hot', 'cold', 'lukewarm'] as const;

export function qualityOf(callId: string): (typeof QUALITIES)[number] {
  return QUALITIES[Number(callId) % QUALITIES.length] ?? 'hot';
}

/** The vendor's sample call under this id. */
export function faultCall(callId: string): string {
  return template.replace('<id>', callId).replace('<quality>', qualityOf(callId));
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
