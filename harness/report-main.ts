import { runOnStreams } from './process-main.js';
import { main } from './report-command.js';

await runOnStreams(main);
