import { Body, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  type BulkReplayView,
  type EventDetails,
  type EventView,
  type ExplainView,
  type ListView,
  type ReplayView,
} from '../replay/views.js';
import { type AdminApi } from './admin-api.js';
import { AdminController } from './admin-controller.js';
import { Describe } from './describe.js';
import { ExplainEvent, ListEvents, ReplayEvent, ReplayEvents } from './requests.js';
import { ADMIN_API } from './tokens.js';

const EVENT = {
  name: 'id',
  description: 'Id of an event.',
  example: '019468ca-7f4e-7c3a-9a1b-2f0c64d5e6f7',
} as const;

@AdminController('events', 'events')
export class EventsController {
  constructor(@Inject(ADMIN_API) private readonly api: AdminApi) {}

  @Get()
  @Describe({ summary: 'Lists events, newest first.', answers: 'EventPage' })
  list(@Query() query: ListEvents): Promise<ListView<EventView>> {
    return this.api.desk.listEvents(query);
  }

  @Post('replay')
  @HttpCode(200)
  @Describe({
    summary: 'Replays every event that the filter matches, oldest first.',
    answers: 'BulkReplay',
    refuses: [413],
  })
  replayMany(@Body() { rules, send, dry_run, ...filter }: ReplayEvents): Promise<BulkReplayView> {
    return this.api.desk.replayMany(filter, { rules, send, dry_run });
  }

  @Get(':id')
  @Describe({
    summary: 'Shows an event with its call, decisions and deliveries.',
    answers: 'EventDetails',
    refuses: [404],
    param: EVENT,
  })
  show(@Param('id') id: string): Promise<EventDetails> {
    return this.api.desk.showEvent(id);
  }

  @Get(':id/explain')
  @Describe({
    summary: 'Explains each verdict by the rules that decided the event.',
    answers: 'Explanation',
    refuses: [404, 409, 422],
    param: EVENT,
  })
  explain(@Param('id') id: string, @Query() { rule }: ExplainEvent): Promise<ExplainView> {
    return this.api.desk.explain(id, rule);
  }

  @Post(':id/replay')
  @HttpCode(200)
  @Describe({
    summary: 'Decides an event anew and sends what is wanted.',
    answers: 'Replay',
    refuses: [404, 409, 413, 422],
    param: EVENT,
  })
  replay(@Param('id') id: string, @Body() options: ReplayEvent): Promise<ReplayView> {
    return this.api.desk.replay(id, options);
  }
}
