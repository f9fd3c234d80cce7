import { cpus } from 'node:os';
import { readText } from '../common/process/host-files.js';
import { main } from './history-command.js';
import { runOnStreams } from './process-main.js';

await runOnStreams((argv, surroundings) =>
  main(argv, { ...surroundings, readText, now: () => new Date(), cpuModel: cpus()[0]?.model.trim() ?? 'unknown' }),
);
