import { IntersectionType, PickType } from '@nestjs/swagger';
import { type FollowUpQuery, type ScopeQuery, type SnoozeOptions } from '../replay/queries.js';
import { CountField, TextField } from './fields.js';
import { DeliveryFilters, DryRun, Page } from './requests.js';

/** Whose contacts are meant. */
export class Scope implements ScopeQuery {
  @TextField('Client, where `contacts.scope` keeps the contacts of clients apart.', 'acme')
  scope?: string;
}

class FollowUpFilters
  extends IntersectionType(PickType(DeliveryFilters, ['rule', 'destination', 'contact', 'event_id']), Scope)
  implements FollowUpQuery {}

export class ListFollowUps extends IntersectionType(FollowUpFilters, Page) {}

export class ChangeFollowUps extends IntersectionType(FollowUpFilters, DryRun) {}

/** One of the two. */
export class SnoozeFollowUp implements SnoozeOptions {
  @TextField(
    "When it is due instead; a time without a zone is on the clock of the configuration's `timezone`.",
    '2026-12-01T10:00',
  )
  until?: string;

  @TextField('How much later than it is due.', '2h')
  by?: string;
}

export class SnoozeFollowUps extends IntersectionType(FollowUpFilters, SnoozeFollowUp, DryRun) {}

export class ListTimeline extends IntersectionType(Scope, Page) {}

export class ListStops extends Scope {
  @CountField({ min: 1, max: 1000, default: 100 }, 'At most so many.')
  limit?: number;
}
