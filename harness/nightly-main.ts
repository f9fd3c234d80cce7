import { viewOfThisHost } from './doctor/this-host.js';
import { examineRemote } from './far/examination.js';
import { main } from './nightly-command.js';
import { runAsProcess } from './process-main.js';

await runAsProcess((argv, surroundings) => main(argv, { ...surroundings, host: viewOfThisHost, examineRemote }));
