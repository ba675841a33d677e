import { type Write } from './writes.js';

/** What a row takes beside its bytes and texts, roughly. */
const ROW_BYTES = 512;

/** Size of a write in bytes, roughly. */
export function sizeOf(write: Write): number {
  switch (write.do) {
    case 'accept':
      return write.event.raw.byteLength + planSize(write.event);
    case 'replay':
      return planSize(write.request);
    case 'saveInput':
      return ROW_BYTES + write.input.length;
    case 'update':
      return ROW_BYTES * (write.update.next === undefined ? 1 : 2);
    case 'reach':
      return write.request.input.length + ROW_BYTES * (1 + write.request.contacts.length);
    case 'leaveDigest':
      return ROW_BYTES * (1 + write.left.length);
    case 'saveRuleSet':
      return ROW_BYTES + write.content.length;
    case 'renew':
      return ROW_BYTES * (1 + write.held.length);
    case 'command':
      return ROW_BYTES + JSON.stringify(write.command).length;
    case 'raiseAlerts':
      return ROW_BYTES * (1 + write.request.alerts.length);
    default:
      return ROW_BYTES;
  }
}

function planSize({
  decisions,
  deliveries,
}: {
  decisions: readonly unknown[];
  deliveries: readonly { input: string | null }[];
}): number {
  const inputs = deliveries.reduce((sum, { input }) => sum + (input?.length ?? 0), 0);
  return inputs + ROW_BYTES * (1 + decisions.length + deliveries.length);
}

/**
 * Writes that must not be done a second time by somebody who was told too early that they failed: a claim
 * that nobody waits for would be lost, a replay with `send: all` would send twice, an alert be told twice.
 * The others bear it: an event that is sent again is found to be a duplicate, a command is refused.
 */
const ONCE: ReadonlySet<Write['do']> = new Set<Write['do']>([
  ...(['claim', 'update', 'saveInput', 'reach', 'gatherDigest', 'recover'] as const),
  ...(['replay', 'raiseAlerts', 'settleAlerts'] as const),
]);

export function isRepeatable(write: Write): boolean {
  return !ONCE.has(write.do);
}
