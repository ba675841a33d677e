import { type HubSpotOptions } from './hubspot-options.js';
import { RECORD_TYPES, type RecordType } from './record-type.js';

type Version = Pick<HubSpotOptions, 'api_version'>;

/** Dated versions stand behind the name of the API, `v3` before it. */
export function crmPath({ api_version: version }: Version, api: string): string {
  return version === 'v3' ? `/crm/v3/${api}` : `/crm/${api}/${version}`;
}

export function objectsPath(options: Version, type: RecordType): string {
  return `${crmPath(options, 'objects')}/${RECORD_TYPES[type]}`;
}

interface End {
  type: RecordType;
  id: string;
}

/** Of the association that needs no number; the legacy set has it under v4. */
export function associationPath(options: Version, from: End, to: End): string {
  const objects = options.api_version === 'v3' ? '/crm/v4/objects' : crmPath(options, 'objects');
  const end = ({ type, id }: End) => `${RECORD_TYPES[type]}/${encodeURIComponent(id)}`;
  return `${objects}/${end(from)}/associations/default/${end(to)}`;
}
