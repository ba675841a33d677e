/**
 * What a process does. `intake` takes webhooks, `worker` delivers, `api` serves people; `all` does everything.
 * Health and metrics are served by each.
 */
export const ROLES = ['all', 'intake', 'worker', 'api'] as const;
export type Role = (typeof ROLES)[number];

/** Whether a process of this role does a part of the work. */
export function does(role: Role, part: Exclude<Role, 'all'>): boolean {
  return role === 'all' || role === part;
}

/** Name of the lease that the leader among the processes that deliver holds. */
export const LEADER_LEASE = 'leader';
