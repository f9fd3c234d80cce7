import { main } from './cost-command.js';
import { runOnStreams } from './process-main.js';

await runOnStreams(main);
