import { IntersectionType } from '@nestjs/swagger';
import { Equals } from 'class-validator';
import { DELIVERY_STATES, type DeliveryState } from '../domain/delivery.js';
import { type EventStatus } from '../domain/event.js';
import { REPLAY_SENDS, type ReplaySend } from '../domain/replay.js';
import { type JsonObject } from '../lib/json.js';
import {
  type BulkOptions,
  type DeliveryQuery,
  EVENT_STATUSES,
  type EventQuery,
  type PageQuery,
  type ReleaseOptions,
  REPLAY_RULES,
  type ReplayOptions,
  type ReplayRules,
} from '../replay/queries.js';
import {
  CountField,
  FlagField,
  JsonField,
  PhoneField,
  TextField,
  TimeField,
  WordField,
  WordsField,
} from './fields.js';

const IF_MISSING = ['mark', 'omit', 'empty'] as const;

export class Page implements PageQuery {
  @CountField({ min: 1, max: 1000, default: 100 }, 'At most so many.')
  limit?: number;

  @TextField('`next` of the page before.', 'MDE5NDY4Y2EtN2Y0ZS03YzNhLTlhMWItMmYwYzY0ZDVlNmY3')
  cursor?: string;
}

/** Which events are meant; every field narrows. */
class EventFilters implements EventQuery {
  @TextField('Name of a source.', 'autocalls')
  source?: string;

  @WordField(EVENT_STATUSES, 'How it was taken.')
  status?: EventStatus;

  @TextField("The vendor's id of the call.", '12345')
  call_id?: string;

  @PhoneField('Phone number of the person called.')
  contact?: string;

  @TextField('A rule that fired, was undecided or ended in an error.', 'hot-lead')
  rule?: string;

  @WordField(DELIVERY_STATES, 'It has a delivery in this state; with `destination`, for that destination.')
  state?: DeliveryState;

  @TextField('It has a delivery for this destination.', 'sales-slack')
  destination?: string;

  @TimeField('Received then or later.')
  since?: string;

  @TimeField('Received before then.')
  until?: string;
}

/** Which deliveries are meant; every field narrows. */
export class DeliveryFilters implements DeliveryQuery {
  @WordsField(DELIVERY_STATES, 'In one of these states.')
  state?: DeliveryState[];

  @TextField('Planned by this rule.', 'hot-lead')
  rule?: string;

  @TextField('For this destination.', 'sales-slack')
  destination?: string;

  @PhoneField('Phone number of the person called.')
  contact?: string;

  @TextField('Of this event.', '019468ca-7f4e-7c3a-9a1b-2f0c64d5e6f7')
  event_id?: string;

  @TimeField('Planned then or later.')
  since?: string;

  @TimeField('Planned before then.')
  until?: string;
}

export class DryRun implements BulkOptions {
  @FlagField('Only counts, changes nothing.')
  dry_run?: boolean;
}

export class ListEvents extends IntersectionType(EventFilters, Page) {}

export class ListDeliveries extends IntersectionType(DeliveryFilters, Page) {}

export class ExplainEvent {
  @TextField('Only this rule.', 'hot-lead')
  rule?: string;
}

export class ReplayEvent implements ReplayOptions {
  @WordField(REPLAY_RULES, 'The rules stored with the event, or those in force. Default `then`.')
  rules?: ReplayRules;

  @WordField(REPLAY_SENDS, 'What is sent; `none` only decides anew. Default `undelivered`.')
  send?: ReplaySend;
}

export class ReleaseDelivery implements ReleaseOptions {
  @WordField(IF_MISSING, 'What happens where a variable is missing.')
  if_missing?: (typeof IF_MISSING)[number];

  @JsonField('Input laid over the rendered one, as it is: no templates.', { to: 'ada@example.com' })
  with?: JsonObject;
}

export class ReplayEvents extends IntersectionType(EventFilters, ReplayEvent, DryRun) {}

export class ChangeDeliveries extends IntersectionType(DeliveryFilters, DryRun) {}

export class ReleaseDeliveries extends IntersectionType(DeliveryFilters, ReleaseDelivery, DryRun) {}

/** For actions that take nothing: whatever stands in the body is refused. */
export class Nothing {
  /** Never given. A class without any rule would not be looked at. */
  @Equals(undefined)
  nothing?: undefined;
}
