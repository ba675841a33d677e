import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type AdminApi } from './admin-api.js';
import { Refusal, refusalOf } from './refusal.js';
import { ADMIN_API } from './tokens.js';

/** Answers every error of the admin API with `{ status, message }`; bound to its controllers only. */
@Catch()
export class RefusalFilter implements ExceptionFilter {
  constructor(
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(ADMIN_API) private readonly api: AdminApi,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const refusal = error instanceof HttpException ? ofHost(error) : refusalOf(error);
    if (refusal.httpStatus === 500) this.api.onError(error);
    const { httpAdapter } = this.adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    for (const [name, value] of Object.entries(refusal.headers)) httpAdapter.setHeader(response, name, value);
    const { status, message, problems } = refusal;
    const body = problems.length > 0 ? { status, message, problems } : { status, message };
    httpAdapter.reply(response, body, refusal.httpStatus);
  }
}

/** What a guard or pipe of the host threw, in our form. */
function ofHost(error: HttpException): Refusal {
  const httpStatus = error.getStatus();
  const words: Record<number, string> = { 400: 'bad_request', 401: 'unauthorized', 403: 'forbidden' };
  return new Refusal(httpStatus, words[httpStatus] ?? 'refused', error.message);
}
