/** What a NestJS host imports. */
export { Aftercall, AftercallModule } from './aftercall.module.js';
export type { AftercallAsyncOptions, AftercallOptions, AftercallRouteOptions } from './aftercall.module.js';
export { defineAdapter, fieldFormat, secret } from './adapters/adapter.js';
export type { Adapter, FieldFormat, Operation, SendRequest } from './adapters/adapter.js';
export type { AttemptOutcome, FailureReason } from './domain/attempt.js';
export { EgressError } from './egress/http-client.js';
export type { HttpClient, HttpRequest, HttpResponse } from './egress/http-client.js';
