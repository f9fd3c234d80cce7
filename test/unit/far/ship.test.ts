import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../common/process/paths.js';
import { packagesOf, shippedPackages } from '../../../harness/far/ship.js';
import { readSources } from '../../fakes/sources.js';

/** What is started on another host. */
const mains = [
  'common/far/tether-main.ts',
  'harness/far/agent-main.ts',
  'impls/main.ts',
  'loadgen/main.ts',
  'native/answers-main.ts',
  'native/xdp-main.ts',
];

it('has all packages that processes on another host import, and no other', () => {
  const byPath = new Map(readSources().map((source) => [source.path, source]));
  const seen = new Set<string>();
  const walk = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: next, kind } of byPath.get(path)?.imports ?? []) if (kind === 'value') walk(next);
  };
  mains.forEach(walk);
  const imported = [...seen].flatMap((path) =>
    [...(byPath.get(path)?.text ?? '').matchAll(/^import (?!type )[^;']*'([^.'][^']*)'/gm)].map(
      ([, name = '']) => name,
    ),
  );
  const packages = new Set(imported.filter((name) => !name.startsWith('node:')));
  expect([...packages].sort()).toEqual([...shippedPackages].sort());
});

it('has what packages depend on, where Node finds it', () => {
  const { dependencies } = JSON.parse(readFileSync(join(packageRoot(), 'node_modules/execa/package.json'), 'utf8'));
  const folders = packagesOf(['execa']);
  for (const name of ['execa', ...Object.keys(dependencies)]) expect(folders).toContain(`node_modules/${name}`);
  expect(new Set(folders).size).toBe(folders.length);
});
