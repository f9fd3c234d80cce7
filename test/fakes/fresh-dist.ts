import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../common/process/paths.js';

const folders = ['model', 'common', 'harness', 'impls', 'loadgen', 'native'];

/** Throws when the compiled processes that tests start are older than their sources: they would test yesterday's. */
export default function freshDist(): void {
  const stamp = join(packageRoot(), 'dist/.built');
  const builtMs = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  for (const folder of folders) {
    const names = readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' });
    const newer = names.find(
      (name) => name.endsWith('.ts') && statSync(join(packageRoot(), folder, name)).mtimeMs > builtMs,
    );
    if (newer !== undefined)
      throw new Error(`dist/ is older than ${folder}/${newer}, and these tests start what is in it: make dist/.built`);
  }
}
