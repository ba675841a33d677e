import { DEFAULT_RETRY_WAITS_MS } from '../../domain/retry-policy.js';
import { z } from 'zod';
import { ALERT_REASONS } from '../config.js';
import { contactLimitsSchema, contactsSchema, maxChainSchema } from './contact-keys.js';
import {
  duration,
  httpUrl,
  ipRange,
  json,
  labels,
  name,
  quantity,
  schemaVersion,
  text,
  timezone,
  token,
} from './fields.js';

export const serverSchema = z.strictObject({
  host: text.default('127.0.0.1').describe('Address to listen on.'),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(3000)
    .describe('Port to listen on. The environment variable PORT overrides it.'),
  public_url: httpUrl.optional().describe('Address under which the outside world reaches this server.'),
  trusted_proxies: z.array(ipRange).default([]).describe('Proxies whose X-Forwarded-For is believed.'),
});

export const sourceSchema = z.strictObject({
  kind: text.describe('Who sends the webhooks.'),
  token: z
    .union([token, z.array(token).min(1).max(2)])
    .optional()
    .describe(
      'Part of the hook URL; a list of two while rotating. Left out: made at first start and kept in the store.',
    ),
  allow_ips: z.array(ipRange).default([]).describe('Only these addresses may post. Left out: any.'),
  timezone: timezone.optional().describe('Zone of the campaign hours in the payload.'),
  expect_every: duration
    .refine((ms) => ms >= 60_000, 'expected at least 1m')
    .optional()
    .describe('Longest usual silence; a longer one raises an alert. Left out: none is expected.'),
  labels: labels.default({}).describe('Told to rules and templates with every call of this source.'),
});

export const retrySchema = z.strictObject({
  waits: z
    .array(duration)
    .max(100)
    .default([...DEFAULT_RETRY_WAITS_MS]),
});

/** Deadline of one attempt. */
export const timeout = duration.refine(
  (ms) => ms > 0 && ms <= 10 * 60_000,
  'expected more than 0 and at most 10m',
);

/** What every destination takes, whatever its kind. */
export const commonDestinationSchema = z.strictObject({
  kind: text,
  enabled: z.boolean().default(true).describe('false: nothing is sent; deliveries wait.'),
  retry: retrySchema
    .default({ waits: [...DEFAULT_RETRY_WAITS_MS] })
    .describe('Waits between attempts; one attempt more than waits. Default: 5s to 24h, eleven attempts.'),
  timeout: timeout.default(15_000).describe('Deadline of one attempt, answer included. Default 15s.'),
  concurrency: z.int().min(1).max(1000).default(5).describe('Attempts at the same time. Default 5.'),
  rate: quantity.optional().describe('At most so many attempts per time, such as 1/s. Default: no limit.'),
  only: labels.optional().describe('A fence: calls from a source with other labels are never sent here.'),
});

const DAY_MS = 86_400_000;

/** Milliseconds, or null for `never`. */
const keptFor = z.union([
  z.literal('never').transform(() => null),
  duration.refine((ms) => ms >= 60_000, 'expected at least 1m, or never'),
]);

export const alertSchema = z.strictObject({
  to: text.describe('Name of a destination.'),
  with: z.record(z.string(), json).default({}).describe('Further input, such as the address of an e-mail.'),
  on: z.array(z.enum(ALERT_REASONS)).min(1).optional().describe('What is reported. Left out: everything.'),
});

/** `aftercall.yaml`; sources, destinations, calendars and alerts are checked one by one afterwards. */
export const mainFileSchema = z.strictObject({
  schema: schemaVersion,
  timezone: timezone.default('UTC').describe('Zone used wherever nothing closer names one.'),
  server: serverSchema.prefault({}),
  storage: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'expected sqlite:<file> or postgres://user:pass@host/db')
    .default('sqlite:./data/aftercall.db'),
  queue: z
    .string()
    .regex(/^rediss?:\/\/.+$/, 'expected redis://host:port')
    .optional()
    .describe('Only with postgres; without it deliveries run inside the process.'),
  admin: z
    .strictObject({ token: text.optional().describe('Bearer token of the API and login of the console.') })
    .default({}),
  sources: z.record(name, z.unknown()).default({}),
  destinations: z.record(name, z.unknown()).default({}),
  tables: z.record(name, z.record(z.string(), json)).default({}),
  calendars: z.record(name, z.unknown()).default({}),
  contacts: contactsSchema,
  contact_limits: contactLimitsSchema,
  max_chain: maxChainSchema,
  egress: z
    .strictObject({
      allow: z.array(ipRange).default([]).describe('Private networks that destinations may reach.'),
      proxy: z
        .enum(['none', 'environment'])
        .default('none')
        .describe(
          'environment: outgoing HTTP goes through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name.',
        ),
    })
    .prefault({}),
  retention: z
    .strictObject({
      events: keptFor
        .default(90 * DAY_MS)
        .describe('How long finished events are kept, with their deliveries. Default 90d; never: for ever.'),
      bodies: keptFor
        .default(30 * DAY_MS)
        .describe(
          'How long bytes and rendered texts of finished events are kept. Default 30d; never: for ever.',
        ),
    })
    .prefault({}),
  alerts: z.array(z.unknown()).default([]),
});

export type MainFile = z.output<typeof mainFileSchema>;
