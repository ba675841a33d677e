import { type AlertConfig, type AlertReason } from '../config/config.js';
import { newId } from '../lib/ids.js';
import { type NewAlert } from '../store/store.js';

/** Something that went wrong, in words; not yet addressed to anyone. */
export interface Finding {
  reason: AlertReason;
  /** What is told at most once an hour to each entry of `alerts:`. */
  cause: string;
  /** For a person: what happened and what to type next. No secrets, no personal data. */
  line: string;
  /** How many things happened. */
  count: number;
}

/** One alert for each finding and each entry of `alerts:` that wants its reason. */
export function toAlerts(findings: readonly Finding[], entries: readonly AlertConfig[]): NewAlert[] {
  return findings.flatMap((finding) =>
    entries.flatMap(({ to, on }, entry) => {
      if (on !== null && !on.includes(finding.reason)) return [];
      return [{ id: newId(), entry, destination: to, ...finding }];
    }),
  );
}

/** Findings of one cause become one, with the words of the last and all counts. */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  const byCause = new Map<string, Finding>();
  for (const finding of findings) {
    const earlier = byCause.get(finding.cause)?.count ?? 0;
    byCause.set(finding.cause, { ...finding, count: earlier + finding.count });
  }
  return [...byCause.values()];
}
