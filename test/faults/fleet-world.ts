import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HttpSink, startHttpSink } from '../support/http-sink.js';
import { createOwnPostgres, type OwnPostgres } from '../support/own-postgres.js';
import { createOwnRedis, type OwnRedis } from '../support/own-redis.js';
import { type FaultConfig, hookUrl, writeConfig } from './fault-world.js';
import { createMember, type Member, type Role } from './fleet-member.js';
import { withBuiltInKinds } from './kill-config.js';
import { Load } from './load.js';
import { PostgresRecords } from './postgres-records.js';
import { SinkLog } from './sink-log.js';
import { type Control } from './victim/plan.js';

export interface FleetOptions {
  config: FaultConfig;
  intakes: number;
  workers: number;
  /** False leaves `queue:` out. Default true. */
  hasQueue?: boolean;
  /** A fleet of test entries that are all wrong in this way. Default: the built program. */
  control?: Control;
}

/** Several processes of the program with servers of their own, which may be struck as well. */
export interface Fleet {
  members: readonly Member[];
  postgres: OwnPostgres;
  redis: OwnRedis;
  records: PostgresRecords;
  sink: HttpSink;
  log: SinkLog;
  /** Posts to all intakes in turn. */
  load: Load;
  /** Starts all members of these roles. */
  start(...roles: Role[]): Promise<void>;
  /** Waits until nothing is on its way any more, or so long. */
  untilIdle(withinMs: number): Promise<void>;
  /** Asks all members for an orderly stop; answers sentences about lives that did not end as they were asked to. */
  stop(): Promise<string[]>;
  remove(): Promise<void>;
}

/** What waits for longer than that is not on its way. */
const SOON_MS = 60_000;

/** Makes the servers and the configuration; nothing of the program runs yet. */
export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const dir = mkdtempSync(join(tmpdir(), 'aftercall-fleet-'));
  const [postgres, redis, sink] = await Promise.all([
    createOwnPostgres(),
    createOwnRedis(),
    startHttpSink({ keep: false }),
  ]);
  const records = new PostgresRecords(postgres.url);
  writeConfig(dir, sink.url, configOf(options, postgres, redis));
  const members = await createMembers(dir, options);
  const intakes = members.filter(({ role }) => role === 'intake');
  const load = new Load(intakes.map(({ port }) => hookUrl(port)));
  return {
    ...{ members, postgres, redis, records, sink, load, log: new SinkLog() },
    start: async (...roles) => {
      await Promise.all(members.filter(({ role }) => roles.includes(role)).map((member) => member.start()));
      await records.watch();
    },
    untilIdle: async (withinMs) => {
      const until = Date.now() + withinMs;
      while ((await records.countBusy(SOON_MS)) > 0 && Date.now() < until) await sleep(100);
    },
    stop: async () => {
      await Promise.all(members.map((member) => member.end('SIGTERM')));
      return members.flatMap(({ troubles }) => troubles);
    },
    remove: async () => {
      const loadEnds = load.stop();
      await Promise.all(members.map((member) => member.end('SIGKILL')));
      await Promise.all([loadEnds, postgres.remove(), redis.remove(), sink.close()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function configOf(
  { config, hasQueue = true, control }: FleetOptions,
  postgres: OwnPostgres,
  redis: OwnRedis,
): FaultConfig {
  const queue = hasQueue ? { queue: `${redis.url}?prefix=fleet` } : {};
  const whole = { ...config, settings: { ...config.settings, storage: postgres.url, ...queue } };
  return control === undefined ? withBuiltInKinds(whole) : whole;
}

async function createMembers(dir: string, { intakes, workers, control }: FleetOptions): Promise<Member[]> {
  const roles = [...Array<Role>(intakes).fill('intake'), ...Array<Role>(workers).fill('worker')];
  const members: Member[] = [];
  for (const [nth, role] of roles.entries())
    members.push(await createMember({ name: `${role}-${nth + 1}`, role, cwd: dir, control }));
  return members;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
