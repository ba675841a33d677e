import { type Fleet } from '../fleet/fleet.js';
import { type Desk } from '../replay/desk.js';
import { type DestinationDesk } from './destination-desk.js';

/** What the controllers of the admin API need from the running server. */
export interface AdminApi {
  desk: Desk;
  destinations: DestinationDesk;
  fleet: Pick<Fleet, 'processes' | 'report'>;
  /** Whether this process leads. */
  leads: () => boolean;
  /** The token in force now; a reload of the configuration may change it. */
  adminToken: () => string;
  /** Told of what went wrong here, with an answer of 500. */
  onError: (error: unknown) => void;
}
