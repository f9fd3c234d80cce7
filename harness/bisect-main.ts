import { main } from './bisect-command.js';
import { runAsProcess } from './process-main.js';

await runAsProcess(main);
