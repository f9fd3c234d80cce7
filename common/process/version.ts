import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './paths.js';

/** The version in this project's package.json. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version;
}

/** What runs, and what the addon is built from; its binary depends on the compiler. */
const code: [folder: string, files: RegExp][] = [
  ['dist', /\.js$/],
  ['native', /\.(cc|h)$/],
  ['bpf', /\.(c|h)$/],
  ['runtimes', /^[^/]+\.(go|rs|mjs|py|cc|h|sh)$/],
];

/** Differs where the code does, also between two states of one version. A tree may be a copy without its history. */
export function packageDigest(): string {
  const hash = createHash('sha256');
  for (const [folder, files] of code) {
    const names = readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((path) => files.test(path)).sort())
      hash.update(`${folder}/${name}\n`).update(readFileSync(join(packageRoot(), folder, name)));
  }
  return hash.digest('hex');
}
