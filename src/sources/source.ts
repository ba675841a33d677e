import { type Call, type Problem } from '../domain/event.js';
import { type Json } from '../lib/json.js';

/** What a source makes of a webhook's bytes. Pure: no clock, no store, no network. */
export type Reading =
  | {
      as: 'call';
      eventKind: string;
      callId: string;
      /** Normalised call in the vendor's field names. */
      call: Call;
      /** What identity is computed from: the content without fields that move by themselves. */
      content: Json;
      /** What is odd and could be read all the same, e.g. a key that stands twice; left out where nothing is. */
      problems?: Problem[];
    }
  | { as: 'test'; eventKind: string; call: Call; content: Json; problems?: Problem[] }
  | { as: 'unreadable'; problems: Problem[] };

/** What could be read, whatever it was. */
export type ReadCall = Exclude<Reading, { as: 'unreadable' }>;

/**
 * A source is one folder under `sources/`; the file `<kind>/<kind>.source.ts` exports it as `source`.
 */
export interface Source {
  /** The word in `kind:`; equals the folder's name. */
  kind: string;
  description: string;
  /** Reads bytes as received. Never throws: what cannot be read comes back as `unreadable`. */
  read(raw: Uint8Array): Reading;
  /** When the call ended, milliseconds since the epoch; null where it cannot be told. */
  endedAt(call: Call): number | null;
  /** What became of the call, in the vendor's word, and whether the contact was missed. */
  result(call: Call): CallResult;
}

export interface CallResult {
  /** Null where the vendor said nothing. */
  status: string | null;
  isMissed: boolean;
}
