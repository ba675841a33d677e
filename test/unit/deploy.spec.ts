import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENT, ROLES, run } from './deploy-command.js';
import { type Compose, composeProblems, variablesOf, withDefaults } from './deploy-compose.js';
import { dockerfileProblems } from './deploy-dockerfile.js';
import {
  configVariables,
  deployFiles,
  packageVersion,
  parseYaml,
  readDeploy,
  readYaml,
} from './deploy-files.js';
import { readKustomization } from './deploy-kubelet.js';
import { ROOT } from './doc-examples.js';

describe('deploy/config', () => {
  it('loads without a warning', async () => {
    const { exitCode, printed } = await run(['check', '--strict', '--config', join(ROOT, 'deploy/config')]);
    expect(exitCode === 0 ? 'loads' : printed).toBe('loads');
  });

  it('has tests that pass', async () => {
    const { exitCode, printed } = await run(['test', '--config', join(ROOT, 'deploy/config')]);
    expect(exitCode === 0 ? 'passed' : printed).toBe('passed');
  });

  it.each(configVariables())('is refused without %s', async (name) => {
    const env = { ...ENVIRONMENT, [name]: undefined };
    const { exitCode, printed } = await run(['check', '--config', join(ROOT, 'deploy/config')], env);
    expect(exitCode).toBe(1);
    expect(printed).toContain(`environment variable ${name} is not set`);
  });
});

describe('deploy/Dockerfile', () => {
  const text = readDeploy('Dockerfile');
  const ignoreFile = readDeploy('Dockerfile.dockerignore');

  it('is sound', () => {
    expect(dockerfileProblems(text, ignoreFile)).toEqual([]);
  });

  it.each<[string, RegExp, string]>([
    ['the user is root, or no number', /^USER .*$/m, 'USER root'],
    ['the user is root, or no number', /^USER .*$/m, 'USER node'],
    ['no health check', /^HEALTHCHECK [^]*?\n\n/m, '\n'],
    ['a shell stands between the engine and the process', /^ENTRYPOINT .*$/m, 'ENTRYPOINT node main.js'],
    ['COPY of sources, which is not there', /COPY src /, 'COPY sources '],
    ['COPY from the unknown stage builder', /--from=build/, '--from=builder'],
    ['node names no version', /^FROM node:\S+-slim$/m, 'FROM node'],
    ['node:latest moves', /^FROM node:\S+-slim$/m, 'FROM node:latest'],
    ['the last stage installs something', /RUN ln/, 'RUN apt-get install -y curl; ln'],
  ])('would say: %s', (problem, pattern, replacement) => {
    expect(dockerfileProblems(text.replace(pattern, replacement), ignoreFile)).toContain(problem);
  });

  it('would be told of a source that the ignore file keeps out', () => {
    const problems = dockerfileProblems(text, ignoreFile.replace('!src\n', ''));
    expect(problems).toEqual(['COPY of src, which the ignore file keeps out']);
  });
});

describe('deploy/compose.yaml', () => {
  const text = readDeploy('compose.yaml');
  const read = (changed = text) => parseYaml<Compose>(changed)[0] as Compose;

  it('is sound', () => {
    expect(composeProblems(read())).toEqual([]);
  });

  it.each([
    ['worker: waits for radish, which is no service', 'redis: { condition', 'radish: { condition'],
    ['postgres: mounts pg, which is not there', '- postgres:/var', '- pg:/var'],
    ['prometheus: mounts ./prometeus, which is not there', './prometheus:', './prometeus:'],
    ['api: joins date, which is no network', 'networks: [default, data]', 'networks: [default, date]'],
    ['redis: redis:latest moves', 'redis:8.8.3-alpine', 'redis:latest'],
    ['redis: evicts keys', 'noeviction]', 'allkeys-lru]'],
    ['worker: is killed before it stopped', 'stop_grace_period: 30s', 'stop_grace_period: 10s'],
    ['intake: may do more than it needs', 'read_only: true', 'read_only: false'],
    [
      'grafana: GF_SECURITY_ADMIN_PASSWORD may be left out',
      '${GRAFANA_ADMIN_PASSWORD:?set it in deploy/.env}',
      'admin',
    ],
    [
      'api: AFTERCALL_STORAGE may be left out',
      '${POSTGRES_PASSWORD:?set it in deploy/.env}@',
      '${POSTGRES_PASSWORD:-x}@',
    ],
  ])('would say: %s', (problem, old, changed) => {
    expect(composeProblems(read(text.replace(old, changed)))).toContain(problem);
  });

  it('runs each role, with the variables that the configuration names', () => {
    const { services } = read();
    const servers = Object.values(services).filter(({ command }) => command?.[0] === 'serve');
    expect(servers.map(({ command }) => command?.[2]).sort()).toEqual(ROLES);
    for (const { environment = {} } of servers)
      expect(Object.keys(environment)).toEqual(expect.arrayContaining(configVariables()));
  });

  it('takes its variables from .env.example, which gives no secret a value', () => {
    const example = readDeploy('.env.example');
    const offered = [...example.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)];
    expect(offered.map(([, name]) => name).sort()).toEqual(variablesOf(text));
    const secrets = offered.filter(([, name = '']) => /PASSWORD|TOKEN/.test(name));
    expect(secrets.map(([, , value]) => value)).toEqual(['', '', '', '']);
  });

  it('is scraped by Prometheus, role by role', () => {
    const [config] = readYaml<{ scrape_configs: { dns_sd_configs: { names: string[] }[] }[] }>(
      'prometheus/prometheus.yml',
    );
    expect(config?.scrape_configs[0]?.dns_sd_configs[0]?.names.sort()).toEqual(ROLES);
  });
});

describe('the image', () => {
  it('has the version of the package wherever it is named', () => {
    const compose = readYaml<Compose>('compose.yaml')[0]?.services.worker?.image ?? '';
    const tags = [
      withDefaults(compose).split(':')[1],
      ...readKustomization().images.map(({ newTag }) => newTag),
      ...deployFiles('.yaml').flatMap((name) =>
        [...readDeploy(name).matchAll(/image: aftercall:(\S+)$/gm)].map(([, tag]) => tag),
      ),
    ];
    expect(tags.length).toBeGreaterThan(4);
    expect(new Set(tags)).toEqual(new Set([packageVersion()]));
  });

  it('has the roles and the commands that are asked of it', async () => {
    expect((await run(['serve', '--help'])).printed).toMatch(/--role/);
    expect((await run(['--help'])).printed).toMatch(/^ {2}migrate /m);
  });
});
