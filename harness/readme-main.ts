import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../common/process/paths.js';
import { summarise } from './judge/summary.js';
import { type Extent, throughputChart, withFigures } from './report/readme.js';
import { readRun } from './store/store.js';

/** Puts the figures of a run (`npm run readme -- results/latest`) into README and docs, and its chart beside the docs. */
const chart = 'throughput.png';
const pages: [path: string, extent: Extent, image: string][] = [
  ['README.md', 'peaks', `docs/images/${chart}`],
  ['docs/results.md', 'all', `images/${chart}`],
];
const [folder = 'results/latest'] = process.argv.slice(2);
const { prologue, runs } = await readRun(folder);
const summary = summarise(prologue, runs);
for (const [path, extent, image] of pages) {
  const page = join(packageRoot(), path);
  writeFileSync(page, withFigures(readFileSync(page, 'utf8'), summary, extent, image));
}
copyFileSync(join(folder, 'charts', `${throughputChart(summary)}.png`), join(packageRoot(), 'docs/images', chart));
