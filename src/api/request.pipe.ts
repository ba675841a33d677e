import { ValidationPipe } from '@nestjs/common';
import { type ValidationError } from 'class-validator';
import { DeskError } from '../replay/desk-error.js';

/** Reads queries and bodies as their classes; a field that is unknown or wrong is refused by name. */
export function createRequestPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new DeskError('bad_request', errors.map(describe).join('; ')),
  });
}

/** Never quotes the value: it may be a phone number. */
function describe({ property, constraints = {} }: ValidationError): string {
  if ('whitelistValidation' in constraints) return `${property}: there is no such field here`;
  const [message = 'wrong'] = Object.values(constraints);
  return `${property}: ${message.startsWith(property) ? message.slice(property.length + 1) : message}`;
}
