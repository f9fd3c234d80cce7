import { main } from './compare-command.js';
import { runAsProcess } from './process-main.js';

await runAsProcess(main);
