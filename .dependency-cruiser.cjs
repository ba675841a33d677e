/** Imports go down only; siblings never import each other; no cycles. See docs/architecture.md. */
const contracts = '^src/(adapters/(?!catalogue)[\\w-]+|sources/source|store/store|queue/queue)\\.ts$';
const rooms = {
  lib: '^src/lib/',
  domain: '^src/domain/',
  pure: '^src/(rules|templates|egress|telemetry)/',
  implementations: '^src/(adapters|sources|store|queue|config)/',
  plan: '^src/plan/',
  steps: '^src/(intake|delivery|replay|alerts|fleet)/',
  edges:
    '^src/(cli|api)/|^src/(main|index|runtime|open-store|observe|retention|version|tokens|reload|attach|aftercall\\.module)\\.ts$',
};
const above = (...names) => names.map((name) => rooms[name]).join('|');
const spec = '\\.spec\\.ts$';

const upward = (name, from, to, extra = {}) => ({
  name,
  severity: 'error',
  comment: 'Imports go down only: something lives in the wrong room, move it.',
  from: { path: from, pathNot: spec },
  to: { path: to, ...extra },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    upward(
      'lib-imports-nothing',
      rooms.lib,
      above('domain', 'pure', 'implementations', 'plan', 'steps', 'edges'),
    ),
    upward('domain-imports-lib', rooms.domain, above('pure', 'implementations', 'plan', 'steps', 'edges')),
    upward('pure-goes-down', rooms.pure, above('implementations', 'plan', 'steps', 'edges')),
    upward('contracts-go-down', contracts, above('implementations', 'plan', 'steps', 'edges'), {
      pathNot: contracts,
    }),
    upward('implementations-go-down', rooms.implementations, above('plan', 'steps', 'edges')),
    upward('plan-goes-down', rooms.plan, above('steps', 'edges')),
    upward('steps-go-down', rooms.steps, above('edges')),
    {
      name: 'no-siblings-among-pure-rooms',
      severity: 'error',
      from: { path: '^src/(rules|templates|egress|telemetry)/', pathNot: spec },
      to: { path: '^src/(rules|templates|egress|telemetry)/', pathNot: '^src/$1/' },
    },
    {
      name: 'no-siblings-among-implementations',
      severity: 'error',
      from: { path: '^src/(adapters|sources|store|queue)/', pathNot: spec },
      to: { path: '^src/(adapters|sources|store|queue|config)/', pathNot: ['^src/$1/', contracts] },
    },
    {
      name: 'no-sibling-adapters',
      severity: 'error',
      from: { path: '^src/(adapters|sources|store|queue)/([^/]+)/', pathNot: spec },
      to: { path: '^src/$1/[^/]+/', pathNot: '^src/$1/($2|migrations|queries|copy)/' },
    },
    {
      name: 'config-gets-adapters-as-an-argument',
      severity: 'error',
      from: { path: '^src/config/', pathNot: spec },
      to: { path: '^src/(adapters|sources|store|queue)/', pathNot: contracts },
    },
    {
      name: 'no-sibling-steps',
      severity: 'error',
      from: { path: '^src/(intake|delivery|replay|alerts|fleet)/', pathNot: spec },
      to: { path: '^src/(intake|delivery|replay|alerts|fleet)/', pathNot: '^src/$1/' },
    },
    {
      name: 'only-the-composition-root-names-implementations',
      severity: 'error',
      from: { path: '^src/(plan|intake|delivery|replay|alerts|fleet)/', pathNot: spec },
      to: { path: '^src/(adapters|sources|store|queue)/[^/]+/' },
    },
    {
      name: 'low-rooms-know-no-nest',
      severity: 'error',
      from: { path: '^src/(lib|domain|rules|templates)/' },
      to: { path: 'node_modules/@nestjs' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [spec, '\\.d\\.ts$', '^src/main\\.ts$', '^src/store/sqlite/worker\\.ts$'],
      },
      to: {},
    },
  ],
  required: [
    {
      name: 'every-adapter-is-an-adapter',
      severity: 'error',
      module: { path: '^src/adapters/[^/]+/[^/]+\\.adapter\\.ts$' },
      to: { path: '^src/adapters/adapter\\.ts$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules/(?!@nestjs)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
