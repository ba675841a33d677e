import { SENT_AGAIN } from '../../src/adapters/colleague-message.js';
import { type Responder, type SinkAnswer, type SinkRequest } from '../support/http-sink.js';
import { sha256 } from './fault-calls.js';
import { type SeenRequest } from './history.js';

/** How a destination behaves to one request: its answer, and whether it acted on it. Default: 200, taken. */
export interface Behaviour {
  answer?: SinkAnswer;
  taken?: boolean;
  /** Asks to be left alone until then, milliseconds since the epoch. */
  holdOffUntil?: number;
}

/** Keeps one log of what all destinations were sent. */
export class SinkLog {
  readonly seen: SeenRequest[] = [];
  /** Requests to which a fault was answered. */
  faults = 0;

  note(seen: SeenRequest, isFault: boolean): void {
    if (isFault) this.faults += 1;
    this.seen.push(seen);
  }

  /**
   * A responder that notes each request and behaves as asked. `nth` counts the requests to its path from 1;
   * the path names the destination unless something else is given.
   */
  responder(behave: (nth: number) => Behaviour | undefined, destination?: string): Responder {
    return (request, nth) => {
      const behaviour = behave(nth) ?? {};
      const { answer, taken = true, holdOffUntil } = behaviour;
      const seen = describe(request, destination);
      this.note(
        { ...seen, taken, ...(holdOffUntil !== undefined && { holdOffUntil }) },
        answer !== undefined,
      );
      return answer;
    };
  }
}

function describe(
  { path, headers, json, raw, time }: SinkRequest,
  destination = path.slice(1),
): Omit<SeenRequest, 'taken'> {
  return {
    destination,
    callId: callIdOf(json),
    key: headers['idempotency-key'] ?? null,
    hash: sha256(withoutMark(raw)),
    time,
  };
}

/** A message that may be the second one says so; apart from that it has to be the same. */
const MARK = `\\n_${SENT_AGAIN}_`;

function withoutMark(raw: Buffer): Buffer {
  const text = raw.toString();
  return text.includes(MARK) ? Buffer.from(text.replace(MARK, '')) : raw;
}

/** The event's own bytes carry the id; a message says it in its text: `call 700001`. */
function callIdOf(json: unknown): string {
  const { id, text } = (json ?? {}) as { id?: unknown; text?: unknown };
  return typeof id === 'number' ? String(id) : (/call (\d+)/.exec(String(text))?.[1] ?? '?');
}
