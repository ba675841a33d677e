import { Body, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { type FollowUpView } from '../replay/follow-up-views.js';
import { type CountView, type DeliveryView, type ListView } from '../replay/views.js';
import { type AdminApi } from './admin-api.js';
import { AdminController } from './admin-controller.js';
import { Describe } from './describe.js';
import { ChangeFollowUps, ListFollowUps, SnoozeFollowUp, SnoozeFollowUps } from './follow-up-requests.js';
import { Nothing } from './requests.js';
import { ADMIN_API } from './tokens.js';

const FOLLOW_UP = {
  name: 'id',
  description: 'Id of a delivery that is pending.',
  example: '019468ca-7f4e-7e21-8d0f-5b1c2a3d4e5f',
} as const;

@AdminController('followups', 'follow-ups')
export class FollowUpsController {
  constructor(@Inject(ADMIN_API) private readonly api: AdminApi) {}

  @Get()
  @Describe({
    summary: 'Lists what is pending and due later, newest first by when it was planned.',
    answers: 'FollowUpPage',
  })
  list(@Query() query: ListFollowUps): Promise<ListView<FollowUpView>> {
    return this.api.desk.followUps.list(query);
  }

  @Post('cancel')
  @HttpCode(200)
  @Describe({ summary: 'Cancels follow-ups that match the filter.', answers: 'Count', refuses: [413] })
  cancelMany(@Body() { dry_run, ...filter }: ChangeFollowUps): Promise<CountView> {
    return this.api.desk.followUps.cancelMany(filter, { dry_run });
  }

  @Post('snooze')
  @HttpCode(200)
  @Describe({
    summary: 'Puts off follow-ups that match the filter, all until one time or each by the same length.',
    answers: 'Count',
    refuses: [413],
  })
  snoozeMany(@Body() { dry_run, until, by, ...filter }: SnoozeFollowUps): Promise<CountView> {
    return this.api.desk.followUps.snoozeMany(filter, { until, by, dry_run });
  }

  @Post('run-now')
  @HttpCode(200)
  @Describe({ summary: 'Sends follow-ups that match the filter at once.', answers: 'Count', refuses: [413] })
  runNowMany(@Body() { dry_run, ...filter }: ChangeFollowUps): Promise<CountView> {
    return this.api.desk.followUps.runNowMany(filter, { dry_run });
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Describe({
    summary: 'Takes a follow-up back for good.',
    answers: 'Delivery',
    refuses: [404, 409, 413],
    param: FOLLOW_UP,
  })
  cancel(@Param('id') id: string, @Body() _body: Nothing): Promise<DeliveryView> {
    return this.api.desk.followUps.cancel(id);
  }

  @Post(':id/snooze')
  @HttpCode(200)
  @Describe({
    summary: 'Puts a follow-up off, until a time or by a length.',
    answers: 'Delivery',
    refuses: [404, 409, 413],
    param: FOLLOW_UP,
  })
  snooze(@Param('id') id: string, @Body() options: SnoozeFollowUp): Promise<DeliveryView> {
    return this.api.desk.followUps.snooze(id, options);
  }

  @Post(':id/run-now')
  @HttpCode(200)
  @Describe({
    summary: 'Sends a follow-up at once, whatever its window says; whom it may reach is asked all the same.',
    answers: 'Delivery',
    refuses: [404, 409, 413],
    param: FOLLOW_UP,
  })
  runNow(@Param('id') id: string, @Body() _body: Nothing): Promise<DeliveryView> {
    return this.api.desk.followUps.runNow(id);
  }
}
