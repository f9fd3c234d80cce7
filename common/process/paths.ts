import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json: this file runs from harness/ and from dist/harness/. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** Compiled entry points of the processes of a cell, and of those that ask the kernel what it allows and which XDP it has. */
export const childScripts = {
  invoker: join(packageRoot(), 'dist/impls/main.js'),
  generator: join(packageRoot(), 'dist/loadgen/main.js'),
  answers: join(packageRoot(), 'dist/native/answers-main.js'),
  xdp: join(packageRoot(), 'dist/native/xdp-main.js'),
};

/** The published figures that charts can be compared with. */
export const referenceFolder = join(packageRoot(), 'results/reference');

/** The page of a benchmark under way. */
export const livePageFile = join(packageRoot(), 'harness/live/page.html');
