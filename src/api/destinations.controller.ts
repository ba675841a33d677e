import { Body, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { type ListView } from '../replay/views.js';
import { type AdminApi } from './admin-api.js';
import { AdminController } from './admin-controller.js';
import { Describe } from './describe.js';
import { type DestinationView } from './destination-desk.js';
import { Nothing } from './requests.js';
import { ADMIN_API } from './tokens.js';

const DESTINATION = {
  name: 'name',
  description: 'Name of a destination of the configuration.',
  example: 'sales-slack',
} as const;

@AdminController('destinations', 'destinations')
export class DestinationsController {
  constructor(@Inject(ADMIN_API) private readonly api: AdminApi) {}

  @Get()
  @Describe({ summary: 'Lists destinations with the state of their lanes.', answers: 'DestinationPage' })
  list(): ListView<DestinationView> {
    return { items: this.api.destinations.list(), next: null };
  }

  @Post(':name/pause')
  @HttpCode(200)
  @Describe({
    summary: 'Sends nothing more to a destination until it is resumed, also after a restart.',
    answers: 'Destination',
    refuses: [404, 413],
    param: DESTINATION,
  })
  pause(@Param('name') name: string, @Body() _body: Nothing): Promise<DestinationView> {
    return this.api.destinations.pause(name);
  }

  @Post(':name/resume')
  @HttpCode(200)
  @Describe({
    summary: 'Lets a paused destination go on.',
    answers: 'Destination',
    refuses: [404, 413],
    param: DESTINATION,
  })
  resume(@Param('name') name: string, @Body() _body: Nothing): Promise<DestinationView> {
    return this.api.destinations.resume(name);
  }
}
