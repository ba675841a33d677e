import { imageProblem } from './deploy-files.js';

type Labels = Record<string, string>;

interface Probe {
  httpGet: { path: string; port: string };
}

interface Container {
  image: string;
  args: string[];
  envFrom: { secretRef: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  lifecycle?: { preStop: { sleep: { seconds: number } } };
  resources?: { requests?: { cpu?: string; memory?: string }; limits?: { memory?: string } };
  securityContext?: Record<string, unknown> & { capabilities?: { drop: string[] } };
  volumeMounts: { name: string }[];
}

interface PodSpec {
  serviceAccountName: string;
  terminationGracePeriodSeconds?: number;
  securityContext?: { runAsNonRoot?: boolean; runAsUser?: number; seccompProfile?: { type: string } };
  containers: Container[];
  volumes: { name: string; configMap?: { name: string; items: { key: string; path: string }[] } }[];
}

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name?: string; generateName?: string };
  stringData?: Record<string, string>;
  spec: {
    selector?: Labels & { matchLabels?: Labels };
    template?: { metadata: { labels: Labels }; spec: PodSpec };
    strategy?: { rollingUpdate: { maxUnavailable: number } };
    ports?: { targetPort: string }[];
    scaleTargetRef?: { kind: string; name: string };
  };
}

/** ConfigMaps by name, each with its keys. */
export type ConfigMaps = Record<string, string[]>;

/** A stop takes up to 20 s; the engine needs a little beyond. */
const STOP_SECONDS = 20;

/** References that lead nowhere, and essentials that are missing; empty when nothing is wrong. */
export function kubernetesProblems(manifests: Manifest[], configMaps: ConfigMaps): string[] {
  return manifests.flatMap((manifest) => {
    const { kind, metadata } = manifest;
    const name = `${kind} ${metadata.name ?? metadata.generateName ?? '?'}`;
    const problems = [
      ...selectorProblems(manifest, manifests),
      ...podProblems(manifest, manifests, configMaps),
      ...(kind === 'Deployment' ? deploymentProblems(manifest) : []),
    ];
    return problems.map((problem) => `${name}: ${problem}`);
  });
}

function selectorProblems({ kind, spec }: Manifest, manifests: Manifest[]): string[] {
  const pods = deployments(manifests);
  if (kind === 'HorizontalPodAutoscaler')
    return pods.some(({ metadata }) => metadata.name === spec.scaleTargetRef?.name)
      ? []
      : ['scales nothing that exists'];
  if (kind !== 'Service' && kind !== 'PodDisruptionBudget') return [];
  const wanted = spec.selector?.matchLabels ?? spec.selector ?? {};
  const found = pods.find(({ spec: { template } }) => matches(wanted, template?.metadata.labels));
  if (!found) return ['selects no pods'];
  const ports = found.spec.template?.spec.containers.flatMap((container) => container.ports ?? []) ?? [];
  return (spec.ports ?? [])
    .filter(({ targetPort }) => !ports.some(({ name }) => name === targetPort))
    .map(({ targetPort }) => `sends to port ${targetPort}, which no container has`);
}

function podProblems({ spec }: Manifest, manifests: Manifest[], configMaps: ConfigMaps): string[] {
  const pod = spec?.template?.spec;
  if (!pod) return [];
  const has = (kind: string, name: string) =>
    manifests.some((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  const secrets = pod.containers.flatMap(({ envFrom }) => envFrom.map(({ secretRef }) => secretRef.name));
  const { runAsNonRoot, runAsUser, seccompProfile } = pod.securityContext ?? {};
  const isConfined =
    runAsNonRoot === true && (runAsUser ?? 0) > 0 && seccompProfile?.type === 'RuntimeDefault';
  return [
    ...(has('ServiceAccount', pod.serviceAccountName) ? [] : ['runs as an account that is not there']),
    ...secrets.filter((name) => !has('Secret', name)).map((name) => `there is no secret ${name}`),
    ...(isConfined ? [] : ['its pod is not confined']),
    ...pod.volumes.flatMap(({ configMap }) => (configMap ? itemProblems(configMap, configMaps) : [])),
    ...pod.containers.flatMap((container) => containerProblems(container, pod)),
  ];
}

function itemProblems(
  { name, items }: { name: string; items: { key: string }[] },
  configMaps: ConfigMaps,
): string[] {
  const keys = configMaps[name] ?? [];
  const named = items.map(({ key }) => key);
  return [
    ...named.filter((key) => !keys.includes(key)).map((key) => `${name} has no key ${key}`),
    ...keys.filter((key) => !named.includes(key)).map((key) => `${key} of ${name} is not mounted`),
  ];
}

function containerProblems(container: Container, { volumes }: PodSpec): string[] {
  const context = container.securityContext ?? {};
  const isConfined =
    context.allowPrivilegeEscalation === false &&
    context.readOnlyRootFilesystem === true &&
    context.capabilities?.drop.includes('ALL') === true;
  const { requests, limits } = container.resources ?? {};
  const image = imageProblem(container.image);
  return [
    ...(image === null ? [] : [image]),
    ...(isConfined ? [] : ['its container is not confined']),
    ...(requests?.cpu && requests.memory && limits?.memory ? [] : ['says not what it needs']),
    ...container.volumeMounts
      .filter(({ name }) => !volumes.some((volume) => volume.name === name))
      .map(({ name }) => `mounts ${name}, which is no volume`),
  ];
}

function deploymentProblems({ spec }: Manifest): string[] {
  const { selector, template, strategy } = spec;
  const [container] = template?.spec.containers ?? [];
  const pauseSeconds = container?.lifecycle?.preStop.sleep.seconds ?? 0;
  const graceSeconds = template?.spec.terminationGracePeriodSeconds ?? 0;
  const probes: [string, Probe | undefined, string][] = [
    ['startup', container?.startupProbe, '/health/live'],
    ['readiness', container?.readinessProbe, '/health/ready'],
    ['liveness', container?.livenessProbe, '/health/live'],
  ];
  return [
    ...(matches(selector?.matchLabels ?? {}, template?.metadata.labels) ? [] : ['selects none of its pods']),
    ...(strategy?.rollingUpdate.maxUnavailable === 0 ? [] : ['has fewer pods during a rollout']),
    ...(graceSeconds > pauseSeconds + STOP_SECONDS ? [] : ['is killed before it stopped']),
    ...probes
      .filter(
        ([, probe, path]) =>
          probe?.httpGet.path !== path ||
          !container?.ports?.some(({ name, containerPort }) => name === probe.httpGet.port && containerPort),
      )
      .map(([name, , path]) => `its ${name} probe does not ask ${path} at a port it has`),
  ];
}

function deployments(manifests: Manifest[]): Manifest[] {
  return manifests.filter(({ kind }) => kind === 'Deployment');
}

function matches(wanted: Labels, labels: Labels = {}): boolean {
  const entries = Object.entries(wanted);
  return entries.length > 0 && entries.every(([name, value]) => labels[name] === value);
}
