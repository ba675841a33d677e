import { describe, expect, it } from '@jest/globals';
import { ROLES, run } from './deploy-command.js';
import { configVariables, deployFiles, parseYaml, readDeploy } from './deploy-files.js';
import { configMaps, mountedFolder, readKustomization } from './deploy-kubelet.js';
import { kubernetesProblems, type Manifest } from './deploy-kubernetes.js';

describe('deploy/kubernetes', () => {
  const kustomization = readKustomization();
  const names = deployFiles('.yaml').filter((name) => name.startsWith('kubernetes/'));
  const read = (change: (text: string) => string = (text) => text) =>
    names.flatMap((name) => parseYaml<Manifest>(change(readDeploy(name))));
  const check = (manifests: Manifest[]) => kubernetesProblems(manifests, configMaps(kustomization));

  it('is sound', () => {
    expect(check(read())).toEqual([]);
  });

  it.each([
    [
      'Deployment aftercall-api: its readiness probe does not ask /health/ready at a port it has',
      'path: /health/ready',
      'path: /health',
    ],
    [
      'Service aftercall-intake: sends to port http, which no container has',
      'name: http, containerPort',
      'name: web, containerPort',
    ],
    [
      'Job aftercall-migrate-: there is no secret other',
      'secretRef: { name: aftercall }',
      'secretRef: { name: other }',
    ],
    [
      'Deployment aftercall-api: runs as an account that is not there',
      'serviceAccountName: aftercall',
      'serviceAccountName: other',
    ],
    [
      'Deployment aftercall-worker: aftercall-config has no key rules.yaml',
      'key: rules.calls.yaml',
      'key: rules.yaml',
    ],
    ['Deployment aftercall-intake: its container is not confined', 'drop: [ALL]', 'drop: []'],
    ['Deployment aftercall-intake: its pod is not confined', 'runAsUser: 10001', 'runAsUser: 0'],
    [
      'Deployment aftercall-intake: has fewer pods during a rollout',
      'maxUnavailable: 0',
      'maxUnavailable: 1',
    ],
    [
      'Deployment aftercall-intake: is killed before it stopped',
      'terminationGracePeriodSeconds: 30',
      'terminationGracePeriodSeconds: 25',
    ],
    ['Job aftercall-migrate-: aftercall names no version', 'image: aftercall:0.1.0', 'image: aftercall'],
    ['Deployment aftercall-worker: says not what it needs', 'limits: { memory: 512Mi }', 'limits: {}'],
    [
      'Deployment aftercall-worker: mounts temp, which is no volume',
      '{ name: tmp, mountPath',
      '{ name: temp, mountPath',
    ],
    [
      'HorizontalPodAutoscaler aftercall-intake: scales nothing that exists',
      'Deployment, name: aftercall-intake',
      'Deployment, name: intake',
    ],
    [
      'PodDisruptionBudget aftercall-worker: selects no pods',
      'maxUnavailable: 1\n  selector:\n    matchLabels: { app.kubernetes.io/name: aftercall',
      'maxUnavailable: 1\n  selector:\n    matchLabels: { app.kubernetes.io/name: aftershave',
    ],
  ])('would say: %s', (problem, old, changed) => {
    expect(check(read((text) => text.replaceAll(old, changed)))).toContain(problem);
  });

  it('is applied by the kustomization, save what is done by hand', () => {
    const byHand = ['migrate-job', 'pod-monitor', 'secret.example'].map((name) => `kubernetes/${name}.yaml`);
    expect([...kustomization.resources, ...byHand].sort()).toEqual(names);
  });

  it('runs each role', () => {
    const roles = read().filter(({ kind }) => kind === 'Deployment');
    expect(roles.map(({ spec }) => spec.template?.spec.containers[0]?.args)).toEqual(
      ROLES.map((role) => ['serve', '--role', role]),
    );
  });

  it('names in its secret what the configuration takes from the environment, without values', () => {
    const secret = read().find(({ kind }) => kind === 'Secret')?.stringData ?? {};
    expect(Object.keys(secret).sort()).toEqual(configVariables());
    expect(Object.values(secret).join('')).toBe('');
  });

  it('mounts a folder that loads, through the links that the kubelet makes', async () => {
    for (const deployment of read().filter(({ kind }) => kind === 'Deployment'))
      await mountedFolder(kustomization, deployment, async (dir) => {
        const { exitCode, printed } = await run(['check', '--strict', '--config', dir]);
        expect({ exitCode, printed }).toMatchObject({
          exitCode: 0,
          printed: expect.stringContaining('1 rule,'),
        });
      });
  });
});
