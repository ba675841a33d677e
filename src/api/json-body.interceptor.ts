import { type IncomingMessage } from 'node:http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Observable } from 'rxjs';
import { bodyOf } from './request-body.js';

/** Puts the body that was read before any framework in its usual place. Runs behind the guard, before the pipes. */
@Injectable()
export class JsonBodyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context
      .switchToHttp()
      .getRequest<{ method: string; raw?: IncomingMessage; body: unknown }>();
    if (request.method === 'POST')
      request.body = bodyOf(request.raw ?? (request as unknown as IncomingMessage));
    return next.handle();
  }
}
