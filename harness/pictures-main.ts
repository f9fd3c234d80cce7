import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../common/process/paths.js';
import { pictureOf } from './pictures/picture.js';
import { screenOf } from './pictures/screen.js';
import { recordSession } from './pictures/session.js';

/** Draws what commands print on a terminal (`make docs`); the first one measures for about a minute, as root. */
const columns = 100;
/** Five times what the longest of them takes. */
const limitMs = 300_000;
const prompt = (preset: string) => `Enter for ${preset}: `;
const sessions = [
  {
    ...{ name: 'bench', script: 'main.js', exitCodes: [0] },
    answers: [
      { prompt: prompt('all'), line: 'throughput' },
      { prompt: prompt('veth'), line: '' },
      { prompt: prompt('short'), line: '' },
    ],
  },
  // It may find that this machine is not fit.
  { name: 'doctor', script: 'doctor-main.js', answers: [], exitCodes: [0, 1] },
];

const folder = await mkdtemp(join(tmpdir(), 'ivb-pictures-'));
try {
  for (const { name, script, answers, exitCodes } of sessions) {
    const command = [process.execPath, join(packageRoot(), 'dist/harness', script)];
    const text = await recordSession({ command, folder, columns, answers, exitCodes, limitMs });
    const lines = screenOf(`$ npm run ${name}\r\n${text}`);
    const svg = pictureOf(lines, columns, `npm run ${name} on a terminal`);
    await writeFile(join(packageRoot(), 'docs/images', `${name}.svg`), svg);
  }
} finally {
  await rm(folder, { recursive: true });
}
