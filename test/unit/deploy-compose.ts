import { imageProblem, isInDeploy } from './deploy-files.js';

export interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
}

interface Service {
  image: string;
  command?: string[];
  depends_on?: string[] | Record<string, { condition: string }>;
  environment?: Record<string, string>;
  healthcheck?: object;
  networks?: string[];
  volumes?: string[];
  ports?: string[];
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
}

/** What `docker compose config` would refuse, and what we ask for beyond; empty when nothing is wrong. */
export function composeProblems(compose: Compose): string[] {
  return Object.entries(compose.services).flatMap(([name, service]) =>
    [...referenceProblems(service, compose), ...demandProblems(name, service)].map(
      (problem) => `${name}: ${problem}`,
    ),
  );
}

function referenceProblems(service: Service, { services, volumes, networks }: Compose): string[] {
  const waitsFor = service.depends_on ?? [];
  const names = Array.isArray(waitsFor) ? waitsFor : Object.keys(waitsFor);
  const forHealth = Array.isArray(waitsFor)
    ? []
    : names.filter((name) => waitsFor[name]?.condition === 'service_healthy');
  const mounted = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
  return [
    ...names.filter((name) => !(name in services)).map((name) => `waits for ${name}, which is no service`),
    ...forHealth
      .filter((name) => services[name]?.healthcheck === undefined)
      .map((name) => `waits for the health of ${name}, which has no health check`),
    ...mounted
      .filter((source) => (source.startsWith('.') ? !isInDeploy(source) : !(source in volumes)))
      .map((source) => `mounts ${source}, which is not there`),
    ...(service.networks ?? [])
      .filter((network) => network !== 'default' && !(network in networks))
      .map((network) => `joins ${network}, which is no network`),
  ];
}

function demandProblems(name: string, service: Service): string[] {
  const image = imageProblem(withDefaults(service.image));
  return [
    ...(image === null ? [] : [image]),
    ...weakSecrets(service),
    ...(service.command?.[0] === 'serve' ? serverProblems(service) : []),
    ...(name === 'redis' && !(service.command ?? []).includes('noeviction') ? ['evicts keys'] : []),
  ];
}

/** A password that is written down here, or that may be left out, would be the same everywhere. */
function weakSecrets({ environment = {} }: Service): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => /PASSWORD|TOKEN|STORAGE/.test(name) && !/\$\{[A-Z_]+:\?[^}]+\}/.test(value))
    .map(([name]) => `${name} may be left out`);
}

function serverProblems(service: Service): string[] {
  return [
    // A stop takes up to 20 s.
    ...(Number.parseInt(service.stop_grace_period ?? '0', 10) >= 30 ? [] : ['is killed before it stopped']),
    ...(service.read_only === true && service.cap_drop?.includes('ALL') ? [] : ['may do more than it needs']),
  ];
}

export function withDefaults(text: string): string {
  return text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
}

/** Every variable that a Compose file names. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))].sort();
}
