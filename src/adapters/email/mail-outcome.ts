import { type AttemptOutcome } from '../../domain/attempt.js';
import { type MailError, type MailRefusal, type MailResult } from '../../egress/mail-client.js';
import { type Json, isJsonObject } from '../../lib/json.js';

/** What one attempt leaves for the next: who is still to be reached, who was, who never will be. */
export interface MailProgress {
  remaining: string[];
  accepted: string[];
  refused: { address: string; code: number }[];
}

export function readProgress(progress: Json): MailProgress | null {
  if (!isJsonObject(progress) || !Array.isArray(progress.remaining)) return null;
  return progress as unknown as MailProgress;
}

/**
 * Nobody left to try: delivered when anybody took it (the receipt names those who did not), rejected when
 * nobody did. Some refused for now: tried again, with these alone.
 */
export function outcomeOfMailResult(
  { accepted, refused }: MailResult,
  before: MailProgress | null,
  messageId: string,
): AttemptOutcome {
  const later = refused.filter(isForNow);
  const never = refused
    .filter((refusal) => !isForNow(refusal))
    .map(({ address, code }) => ({ address, code }));
  const progress: MailProgress = {
    remaining: later.map(({ address }) => address),
    accepted: [...(before?.accepted ?? []), ...accepted],
    refused: [...(before?.refused ?? []), ...never],
  };
  const total = progress.remaining.length + progress.accepted.length + progress.refused.length;
  if (later.length > 0)
    return {
      outcome: 'retry',
      reason: 'refused',
      message: summary('for now', later, total),
      progress: asJson(progress),
    };
  if (progress.accepted.length === 0)
    return { outcome: 'rejected', reason: 'refused', message: summary('for good', refused, total) };
  return { outcome: 'delivered', receipt: asJson({ message_id: messageId, refused: progress.refused }) };
}

/**
 * A mail that was not taken, or may have been. `before` goes along, so that the next attempt still knows
 * whom it has to reach.
 */
export function outcomeOfMailError(
  error: MailError,
  before: MailProgress | null,
  messageId: string,
): AttemptOutcome {
  if (error.refused.length > 0)
    return outcomeOfMailResult({ accepted: [], refused: error.refused }, before, messageId);
  return { ...judge(error), ...(before && { progress: asJson(before) }) };
}

type Failed = Exclude<AttemptOutcome, { outcome: 'delivered' }>;

function judge({ failure, message, code, sent }: MailError): Failed {
  const retry = sent ? ('unknown' as const) : ('retry' as const);
  switch (failure) {
    case 'address_forbidden':
      return { outcome: 'rejected', reason: 'address_forbidden', message };
    case 'message':
      return { outcome: 'rejected', reason: 'invalid_input', message };
    case 'auth':
      // 454: the server's own login service is down, not our password wrong.
      if (code === 454) return { outcome: 'retry', reason: 'server_error', message };
      return { outcome: 'unauthorized', reason: 'unauthorized', message };
    case 'answer':
      if (isForNow({ code: code ?? 0 })) return { outcome: 'retry', reason: 'server_error', message };
      return { outcome: 'rejected', reason: 'refused', message };
    default:
      return { outcome: retry, reason: failure, message };
  }
}

/** 4yz, and 552: a mailbox that is full may have room tomorrow. 503 is about the session, not the mail. */
function isForNow({ code }: Pick<MailRefusal, 'code'>): boolean {
  return code < 500 || code === 552 || code === 503;
}

function summary(how: string, refused: MailRefusal[], total: number): string {
  return `${refused.length} of ${total} addresses refused ${how}: ${refused[0]?.message ?? ''}`;
}

function asJson(value: MailProgress | { message_id: string; refused: MailProgress['refused'] }): Json {
  return value as unknown as Json;
}
