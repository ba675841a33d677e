import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type AdminApi } from './admin-api.js';
import { isBearer } from './bearer.js';
import { UNAUTHORIZED } from './refusal.js';
import { ADMIN_API } from './tokens.js';

/**
 * Lets in whoever has the admin token. Bound to the controllers, not to paths: however an address is spelled,
 * what reaches a route passes here.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(ADMIN_API) private readonly api: AdminApi,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    this.adapterHost.httpAdapter.setHeader(http.getResponse(), 'cache-control', 'no-store');
    const { headers } = http.getRequest<{ headers: { authorization?: string } }>();
    if (!isBearer(headers.authorization, this.api.adminToken())) throw UNAUTHORIZED;
    return true;
  }
}
