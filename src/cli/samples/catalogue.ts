import { nearest } from '../../lib/nearest.js';
import { busyNulls } from './busy-nulls.js';
import { campaignTopLevel } from './campaign-top-level.js';
import { completedCampaign } from './completed-campaign.js';
import { completedCampaignRevised } from './completed-campaign-revised.js';
import { completedInboundStringTranscript } from './completed-inbound-string-transcript.js';
import { hostileText } from './hostile-text.js';
import { noAnswerCampaign } from './no-answer-campaign.js';
import { vendorTestButtonNoId } from './vendor-test-button-no-id.js';
import { webCallNullPhones } from './web-call-null-phones.js';

/** Sample calls by name, as JSON text: what `trigger`, `simulate` and the tests of rules know without a file. */
export const SAMPLES: ReadonlyMap<string, string> = new Map([
  ['autocalls/completed-campaign', completedCampaign],
  ['autocalls/completed-campaign-revised', completedCampaignRevised],
  ['autocalls/completed-inbound-string-transcript', completedInboundStringTranscript],
  ['autocalls/no-answer-campaign', noAnswerCampaign],
  ['autocalls/busy-nulls', busyNulls],
  ['autocalls/campaign-top-level', campaignTopLevel],
  ['autocalls/web-call-null-phones', webCallNullPhones],
  ['autocalls/vendor-test-button-no-id', vendorTestButtonNoId],
  ['autocalls/hostile-text', hostileText],
]);

/** Finds a sample with or without its folder: `autocalls/completed-campaign` or `completed-campaign`. */
export function findSample(name: string): string | undefined {
  const wanted = name.replace(/\.json$/, '');
  return SAMPLES.get(wanted) ?? SAMPLES.get(`autocalls/${wanted}`);
}

/** For messages about a name that is neither a file nor a sample. */
export function suggestSamples(name: string): string {
  const near = nearest(name.includes('/') ? name : `autocalls/${name}`, SAMPLES.keys());
  return near === null ? `samples: ${[...SAMPLES.keys()].join(', ')}` : `did you mean ${near}?`;
}
