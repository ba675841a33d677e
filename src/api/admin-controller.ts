import {
  applyDecorators,
  Controller,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AdminGuard } from './admin.guard.js';
import { createRequestPipe } from './request.pipe.js';
import { JsonBodyInterceptor } from './json-body.interceptor.js';
import { RefusalFilter } from './refusal.filter.js';

/** A controller of the admin API below `api/v1`, with everything such a one needs: nothing is registered globally. */
export function AdminController(path: string, tag: string): ClassDecorator {
  return applyDecorators(
    Controller({ path: ['api/v1', path].filter(Boolean).join('/'), version: VERSION_NEUTRAL }),
    UseGuards(AdminGuard),
    UseInterceptors(JsonBodyInterceptor),
    UsePipes(createRequestPipe()),
    UseFilters(RefusalFilter),
    ApiBearerAuth(),
    ApiTags(tag),
  );
}
