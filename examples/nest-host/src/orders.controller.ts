import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { Aftercall } from 'aftercall';
import { tickets } from './ticket.kind.js';

/** Routes of the host: they keep their prefix and their body limit. */
@Controller('orders')
export class OrdersController {
  constructor(@Inject(Aftercall) private readonly aftercall: Aftercall) {}

  @Get()
  list(): { tickets: string[] } {
    return { tickets };
  }

  @Post()
  echo(@Body() body: unknown): { received: unknown } {
    return { received: body };
  }

  /** An event that did not come over HTTP. */
  @Post('import-call')
  async importCall(@Body() call: unknown): Promise<unknown> {
    const answer = await this.aftercall.accept('autocalls', Buffer.from(JSON.stringify(call)));
    return answer.body;
  }
}
