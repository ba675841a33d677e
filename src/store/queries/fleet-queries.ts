import { type Kysely, type RawBuilder, sql } from 'kysely';
import { LEADER_LEASE } from '../../domain/role.js';
import { type Dialect } from '../dialect.js';
import { type Database } from '../schema.js';
import { statement } from '../statement.js';

/** The processes on one store, and which of them leads. */
export function fleetQueries(db: Kysely<Database>, { clock }: Dialect) {
  const until = (now: RawBuilder<number>, leaseMs: RawBuilder<number>) =>
    sql<number>`${clock(now)} + ${leaseMs}`;
  return {
    /** Gives no row while somebody else holds the lease. */
    takeLease: statement<{ name: string; holder: string; leaseMs: number; now: number }>()((arg) =>
      db
        .insertInto('leases')
        .values({
          name: arg('name'),
          holder: arg('holder'),
          lease_until: until(arg('now'), arg('leaseMs')),
        })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({
              holder: (eb) => eb.ref('excluded.holder'),
              lease_until: (eb) => eb.ref('excluded.lease_until'),
            })
            .where((eb) =>
              eb.or([
                eb('leases.holder', '=', eb.ref('excluded.holder')),
                eb('leases.lease_until', '<=', clock(arg('now'))),
              ]),
            ),
        )
        .returning('holder'),
    ),
    endLease: statement<{ name: string; holder: string }>()((arg) =>
      db.deleteFrom('leases').where('name', '=', arg('name')).where('holder', '=', arg('holder')),
    ),
    /** Answers the time of the store. */
    beat: statement<{
      id: string;
      role: string;
      host: string;
      version: string;
      ruleSet: string;
      lanes: string;
      startedAt: number;
      now: number;
    }>()((arg) =>
      db
        .insertInto('processes')
        .values({
          id: arg('id'),
          role: arg('role'),
          host: arg('host'),
          version: arg('version'),
          rule_set: arg('ruleSet'),
          lanes: arg('lanes'),
          started_at: arg('startedAt'),
          seen_at: clock(arg('now')),
        })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet({
            rule_set: (eb) => eb.ref('excluded.rule_set'),
            lanes: (eb) => eb.ref('excluded.lanes'),
            seen_at: (eb) => eb.ref('excluded.seen_at'),
          }),
        )
        .returning('seen_at as seenAt'),
    ),
    removeProcess: statement<{ id: string }>()((arg) =>
      db.deleteFrom('processes').where('id', '=', arg('id')),
    ),
    forgetProcesses: statement<{ silentMs: number; now: number }>()((arg) =>
      db
        .deleteFrom('processes')
        .where('seen_at', '<', sql<number>`${clock(arg('now'))} - ${arg('silentMs')}`),
    ),
    processes: statement<{ silentMs: number; now: number }>()((arg) =>
      db
        .selectFrom('processes')
        .select((eb) =>
          eb
            .selectFrom('leases')
            .select((lease) => lease.fn.countAll<number>().as('count'))
            .where('name', '=', LEADER_LEASE)
            .whereRef('holder', '=', 'processes.id')
            .where('lease_until', '>', clock(arg('now')))
            .as('leads'),
        )
        .select(['id', 'role', 'host', 'version', 'rule_set as ruleSet', 'lanes'])
        .select(['started_at as startedAt', 'seen_at as seenAt'])
        .where('seen_at', '>=', sql<number>`${clock(arg('now'))} - ${arg('silentMs')}`)
        .orderBy('started_at')
        .orderBy('id'),
    ),
  };
}
