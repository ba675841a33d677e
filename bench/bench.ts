import { cpus } from 'node:os';
import { benchBacklog } from './backlog.js';
import { benchCheck } from './check.js';
import { benchDeliveries } from './deliveries.js';
import { benchExplain } from './explain.js';
import { benchIntake } from './intake.js';
import { benchIsolation } from './isolation.js';
import { benchLatency } from './latency.js';
import { benchRulesByCount } from './rules.js';
import { benchProcesses } from './processes.js';
import { type Row, formatTable } from './table.js';

/** Each part prints its figures beside a yardstick measured in the same run; only the ratios travel. */
const parts: Record<string, () => Promise<Row[]>> = {
  rules: benchRulesByCount,
  check: benchCheck,
  intake: benchIntake,
  deliveries: benchDeliveries,
  latency: benchLatency,
  isolation: benchIsolation,
  backlog: benchBacklog,
};
/** Those that need PostgreSQL and Redis run when they are named. */
const onServers: typeof parts = {
  processes: benchProcesses,
  explain: benchExplain,
};

const wanted = process.argv.slice(2);
const rows: Row[] = [];
for (const [name, run] of Object.entries({ ...parts, ...onServers })) {
  if (!(wanted.length > 0 ? wanted.includes(name) : name in parts)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  rows.push(...(await run()));
}
const table = rows.length > 0 ? `\n${formatTable(rows)}\n` : '';
process.stdout.write(`Node ${process.version}, ${cpus().length} cores\n${table}`);
