import { type Config, type SourceConfig } from '../config/config.js';
import { contactZone, type ZoneChoice } from '../domain/contact-zone.js';
import { type Call } from '../domain/event.js';
import { isJsonObject, type Json, readPath } from '../lib/json.js';
import { phoneOf } from './contact-of-call.js';

/** Whose clock counts for the contact of a call: what the call, the CRM, the campaign, the source and the number say. */
export function contactZoneOf(
  { zonePath }: Pick<Config, 'zonePath'>,
  { source, data }: { source: SourceConfig; data: Call },
  /** What a CRM answered, and a number that is reached in place of the contact's. */
  known: { crm?: Json; phone?: string } = {},
): ZoneChoice {
  return contactZone({
    ...(zonePath !== null && { field: readPath(data, zonePath) }),
    ...(known.crm !== undefined && { crm: known.crm }),
    ...(isJsonObject(data.campaign) && { campaign: source.timezone }),
    source: source.timezone,
    phone: known.phone ?? phoneOf(data),
  });
}
