import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../common/process/paths.js';
import { summarise } from './judge/summary.js';
import { withFigures } from './report/readme.js';
import { readRun } from './store/store.js';

/** Puts the figures of a run (`npm run readme -- results/latest`) into README.md, and its chart beside the docs. */
const image = 'docs/images/throughput.png';
const [folder = 'results/latest'] = process.argv.slice(2);
const { prologue, runs } = await readRun(folder);
const readme = join(packageRoot(), 'README.md');
writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), summarise(prologue, runs), image));
copyFileSync(join(folder, 'charts/throughput-live-1T1Q.png'), join(packageRoot(), image));
