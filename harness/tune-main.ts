import { runAsProcess } from './process-main.js';
import { main } from './tune-command.js';

await runAsProcess(main);
