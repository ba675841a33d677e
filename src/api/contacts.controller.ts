import { Body, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  type ContactChangeView,
  type ContactView,
  type StopView,
  type TimelineEntry,
} from '../replay/contact-views.js';
import { type ListView } from '../replay/views.js';
import { type AdminApi } from './admin-api.js';
import { AdminController } from './admin-controller.js';
import { Describe } from './describe.js';
import { ListStops, ListTimeline, Scope } from './follow-up-requests.js';
import { ADMIN_API } from './tokens.js';

const CONTACT = {
  name: 'contact',
  description: 'A phone number with its country (`+` as it is, or as %2B), or a mail address.',
  example: '+1987654321',
} as const;

@AdminController('', 'contacts')
export class ContactsController {
  constructor(@Inject(ADMIN_API) private readonly api: AdminApi) {}

  @Get('contacts/:contact')
  @Describe({
    summary: 'Shows whether a contact may be reached, what its calls came to, and what waits for it.',
    answers: 'Contact',
    param: CONTACT,
  })
  show(@Param('contact') contact: string, @Query() scope: Scope): Promise<ContactView> {
    return this.api.desk.contacts.show(contact, scope);
  }

  @Get('contacts/:contact/timeline')
  @Describe({
    summary: 'Lists the events and deliveries of a contact together, newest first.',
    answers: 'TimelinePage',
    param: CONTACT,
  })
  timeline(
    @Param('contact') contact: string,
    @Query() query: ListTimeline,
  ): Promise<ListView<TimelineEntry>> {
    return this.api.desk.contacts.timeline(contact, query);
  }

  @Post('contacts/:contact/stop')
  @HttpCode(200)
  @Describe({
    summary: 'Lets nothing reach a contact any more, and takes back what waits to.',
    answers: 'ContactChange',
    refuses: [413],
    param: CONTACT,
  })
  stop(@Param('contact') contact: string, @Body() scope: Scope): Promise<ContactChangeView> {
    return this.api.desk.contacts.stop(contact, scope);
  }

  @Post('contacts/:contact/allow')
  @HttpCode(200)
  @Describe({
    summary: 'Lets a contact be reached again. What was taken back stays so.',
    answers: 'ContactChange',
    refuses: [413],
    param: CONTACT,
  })
  allow(@Param('contact') contact: string, @Body() scope: Scope): Promise<ContactChangeView> {
    return this.api.desk.contacts.allow(contact, scope);
  }

  @Get('stops')
  @Describe({ summary: 'Lists contacts that nothing may reach, newest first.', answers: 'StopPage' })
  stops(@Query() query: ListStops): Promise<ListView<StopView>> {
    return this.api.desk.contacts.stops(query);
  }
}
