import { main } from './merge-command.js';
import { runOnStreams } from './process-main.js';

await runOnStreams(main);
