import { Get, Inject } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { AdminController } from './admin-controller.js';
import { ApiDocument } from './api-document.js';

/** The document that describes the other routes. */
@ApiExcludeController()
@AdminController('', 'document')
export class OpenApiController {
  constructor(@Inject(ApiDocument) private readonly document: ApiDocument) {}

  @Get('openapi.json')
  read(): OpenAPIObject {
    return this.document.get();
  }
}
