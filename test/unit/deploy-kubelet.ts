import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readDeploy, readYaml } from './deploy-files.js';
import { type ConfigMaps, type Manifest } from './deploy-kubernetes.js';

interface Kustomization {
  resources: string[];
  images: { name: string; newTag: string }[];
  configMapGenerator: { name: string; files: string[] }[];
}

export function readKustomization(): Kustomization {
  const [kustomization] = readYaml<Kustomization>('kustomization.yaml');
  if (!kustomization) throw new Error('deploy/kustomization.yaml is empty');
  return kustomization;
}

/** The keys of each ConfigMap that the kustomization makes. */
export function configMaps({ configMapGenerator }: Kustomization): ConfigMaps {
  return Object.fromEntries(
    configMapGenerator.map(({ name, files }) => [name, files.map((file) => file.split('=')[0] ?? '')]),
  );
}

/** A folder as the kubelet mounts a ConfigMap: links into `..data`, itself a link that it swaps with each change. */
export async function mountedFolder<T>(
  kustomization: Kustomization,
  deployment: Manifest,
  use: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'aftercall-mounted-'));
  try {
    const version = join(dir, '..2026_11_28_12_00_00.1');
    for (const [path, text] of mountedFiles(kustomization, deployment)) {
      await mkdir(dirname(join(version, path)), { recursive: true });
      await writeFile(join(version, path), text);
    }
    await symlink('..2026_11_28_12_00_00.1', join(dir, '..data'));
    await symlink('..data/aftercall.yaml', join(dir, 'aftercall.yaml'));
    await symlink('..data/rules', join(dir, 'rules'));
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

function mountedFiles({ configMapGenerator }: Kustomization, { spec }: Manifest): [string, string][] {
  const sources = new Map(
    configMapGenerator.flatMap(({ files }) => files.map((file) => file.split('=') as [string, string])),
  );
  const items = spec.template?.spec.volumes.flatMap(({ configMap }) => configMap?.items ?? []) ?? [];
  return items.map(({ key, path }) => [path, readDeploy(sources.get(key) ?? '')]);
}
