import { main } from './bench-command.js';
import { runAsProcess } from './process-main.js';

await runAsProcess(main);
