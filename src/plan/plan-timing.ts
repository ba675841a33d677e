import { type SourceConfig } from '../config/config.js';
import { type CompiledRuleSet, type LiveRuleSet } from '../config/live.js';
import { type CalendarContent } from '../domain/calendar.js';
import { CAMPAIGN, campaignHours } from '../domain/campaign-hours.js';
import { nextFlush } from '../domain/digest.js';
import { type Call } from '../domain/event.js';
import { lengthText } from '../domain/time-text.js';
import { type DueVerdict, planDue, type Timing } from '../domain/plan-due.js';
import { contactZoneOf } from './contact-zone-of.js';
import { type ActionContent, type TimingContent } from '../rules/rule.js';

/** What a time is counted from, and whose clock it may be on. */
export interface TimedCall {
  source: SourceConfig;
  data: Call;
  /** Milliseconds since the epoch: waits count from it. */
  receivedAt: number;
}

/** When an action is due, or null for one that says nothing of time: at once. */
export function planTiming(live: LiveRuleSet, call: TimedCall, action: ActionContent): DueVerdict | null {
  const { timing = null, during = [], digest = null } = action;
  if (timing === null && during.length === 0 && digest === null) return null;
  const { timezone } = live.content;
  const receivedAt = digest ? nextFlush(call.receivedAt, digest.everyMs, timezone) : call.receivedAt;
  const isAsked = timing !== null && 'at' in timing;
  return planDue({
    timing: timing === null ? { atOnce: true, ...collected(digest) } : readTiming(live, call, timing),
    // `tomorrow` was said in the call, and counts from then, whenever it arrives.
    from: isAsked ? timeOfCall(call) : receivedAt,
    now: receivedAt,
    during: windowsOf(live, call, during),
    timezone,
  });
}

function collected(digest: ActionContent['digest']): { why?: string } {
  return digest ? { why: `collected every ${lengthText(digest.everyMs)}` } : {};
}

/** The window of an action: the first calendar of `during` that exists. Null: nothing is closed. */
export function windowOf(
  ruleSet: Pick<CompiledRuleSet, 'content'>,
  call: Pick<TimedCall, 'source' | 'data'>,
  during: readonly string[],
): CalendarContent | null {
  return windowsOf(ruleSet, call, during).find((calendar) => calendar !== null) ?? null;
}

/** The calendars that `during` names, in its order; a call without a campaign has no hours of one: null. */
export function windowsOf(
  { content: { timezone, calendars } }: Pick<CompiledRuleSet, 'content'>,
  { source, data }: Pick<TimedCall, 'source' | 'data'>,
  during: readonly string[],
): (CalendarContent | null)[] {
  return during.map((name) =>
    name === CAMPAIGN ? campaignHours(data.campaign, source.timezone ?? timezone) : (calendars[name] ?? null),
  );
}

function readTiming(live: LiveRuleSet, call: TimedCall, timing: TimingContent): Timing {
  if ('after' in timing) return timing;
  const { time, zone, ...policy } = timing.at;
  const text = live.templates.parse(time, 'text').render(call.data, 'empty').text;
  return { at: { text, zones: zonesOf(live, call, zone), ...policy } };
}

function zonesOf(live: LiveRuleSet, { source, data }: TimedCall, zone: string): readonly string[] {
  if (zone === CAMPAIGN) return [source.timezone ?? live.content.timezone];
  if (zone !== 'contact') return [zone];
  return contactZoneOf(live.config, { source, data }).zone?.zones ?? [];
}

function timeOfCall({ source, data, receivedAt }: TimedCall): number {
  return source.source.endedAt(data) ?? receivedAt;
}
