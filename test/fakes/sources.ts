import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { packageRoot } from '../../common/process/paths.js';

/** One file of ours; paths are relative to the package, with slashes. */
export interface Source {
  path: string;
  text: string;
  /** Files of ours that it imports or includes. */
  imports: { path: string; kind: 'value' | 'type' }[];
}

const rooms = ['model', 'common', 'harness', 'impls', 'loadgen', 'native', 'bpf', 'test'];

/** All sources of the rooms. */
export function readSources(): Source[] {
  const paths = rooms.flatMap((room) =>
    readdirSync(join(packageRoot(), room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs|cc|h|c)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(packageRoot().length + 1)),
  );
  const known = new Set(paths);
  return paths.sort().map((path) => {
    const text = readFileSync(join(packageRoot(), path), 'utf8');
    return { path, text, imports: importsOf(path, text, known) };
  });
}

/** The relative imports of a file's text; Error for one that leads nowhere. */
export function importsOf(path: string, text: string, known: ReadonlySet<string>): Source['imports'] {
  const folder = posix.dirname(path);
  if (!/\.(ts|mjs)$/.test(path)) {
    return [...text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)].flatMap(([, name = '']) => {
      const found = posix.normalize(posix.join(folder, name));
      // Skeletons are made by the build.
      if (!known.has(found) && !name.endsWith('.skel.h')) throw new Error(`${path} includes ${name}, which is missing`);
      return known.has(found) ? [{ path: found, kind: 'value' as const }] : [];
    });
  }
  const statements = /^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?'(\.{1,2}\/[^']+)'/gm;
  const dynamic = /\bimport\(()'(\.{1,2}\/[^']+)'\)/g;
  return [...text.matchAll(statements), ...text.matchAll(dynamic)].map(([, type, name = '']) => {
    const found = posix.normalize(posix.join(folder, name)).replace(/\.js$/, '.ts');
    if (!known.has(found)) throw new Error(`${path} imports ${name}, which is missing`);
    return { path: found, kind: type ? 'type' : 'value' };
  });
}

/** The first circle of value imports, as a list of paths that ends where it begins, or null. */
export function circleIn(sources: readonly Pick<Source, 'path' | 'imports'>[]): string[] | null {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string[] | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const { path: next, kind } of byPath.get(path)?.imports ?? []) {
      const circle = kind === 'value' ? visit(next, [...trail, path]) : null;
      if (circle) return circle;
    }
    done.add(path);
    return null;
  };
  for (const { path } of sources) {
    const circle = visit(path, []);
    if (circle) return circle;
  }
  return null;
}
