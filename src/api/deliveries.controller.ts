import { Body, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { type CountView, type DeliveryDetails, type DeliveryView, type ListView } from '../replay/views.js';
import { type AdminApi } from './admin-api.js';
import { AdminController } from './admin-controller.js';
import { Describe } from './describe.js';
import { ChangeDeliveries, ListDeliveries, Nothing, ReleaseDeliveries, ReleaseDelivery } from './requests.js';
import { ADMIN_API } from './tokens.js';

const DELIVERY = {
  name: 'id',
  description: 'Id of a delivery.',
  example: '019468ca-7f4e-7e21-8d0f-5b1c2a3d4e5f',
} as const;

@AdminController('deliveries', 'deliveries')
export class DeliveriesController {
  constructor(@Inject(ADMIN_API) private readonly api: AdminApi) {}

  @Get()
  @Describe({ summary: 'Lists deliveries, newest first.', answers: 'DeliveryPage' })
  list(@Query() query: ListDeliveries): Promise<ListView<DeliveryView>> {
    return this.api.desk.listDeliveries(query);
  }

  @Post('retry')
  @HttpCode(200)
  @Describe({
    summary: 'Retries what the filter matches; without a state, what is dead.',
    answers: 'Count',
    refuses: [413],
  })
  retryMany(@Body() { dry_run, ...filter }: ChangeDeliveries): Promise<CountView> {
    return this.api.desk.retryMany(filter, { dry_run });
  }

  @Post('release')
  @HttpCode(200)
  @Describe({ summary: 'Releases what is held and matches the filter.', answers: 'Count', refuses: [413] })
  releaseMany(@Body() body: ReleaseDeliveries): Promise<CountView> {
    const { dry_run, if_missing, with: input, ...filter } = body;
    return this.api.desk.releaseMany(filter, { if_missing, with: input, dry_run });
  }

  @Post('cancel')
  @HttpCode(200)
  @Describe({
    summary: 'Cancels what the filter matches; without a state, what is pending, held or dead.',
    answers: 'Count',
    refuses: [413],
  })
  cancelMany(@Body() { dry_run, ...filter }: ChangeDeliveries): Promise<CountView> {
    return this.api.desk.cancelMany(filter, { dry_run });
  }

  @Get(':id')
  @Describe({
    summary: 'Shows a delivery with its input and attempts.',
    answers: 'DeliveryDetails',
    refuses: [404],
    param: DELIVERY,
  })
  show(@Param('id') id: string): Promise<DeliveryDetails> {
    return this.api.desk.showDelivery(id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Describe({
    summary: 'Tries a dead delivery again at once, or brings the next attempt forward.',
    answers: 'Delivery',
    refuses: [404, 409, 413],
    param: DELIVERY,
  })
  retry(@Param('id') id: string, @Body() _body: Nothing): Promise<DeliveryView> {
    return this.api.desk.retry(id);
  }

  @Post(':id/release')
  @HttpCode(200)
  @Describe({
    summary: 'Lets a held delivery go, with other input if need be.',
    answers: 'Delivery',
    refuses: [404, 409, 413],
    param: DELIVERY,
  })
  release(@Param('id') id: string, @Body() options: ReleaseDelivery): Promise<DeliveryView> {
    return this.api.desk.release(id, options);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Describe({
    summary: 'Takes a delivery back that is not sent yet.',
    answers: 'Delivery',
    refuses: [404, 409, 413],
    param: DELIVERY,
  })
  cancel(@Param('id') id: string, @Body() _body: Nothing): Promise<DeliveryView> {
    return this.api.desk.cancel(id);
  }
}
