import { createInterface } from 'node:readline';
import { mendsFolder } from './doctor/mends.js';
import { viewOfThisHost } from './doctor/this-host.js';
import { main } from './doctor-command.js';
import { examineRemote } from './far/examination.js';
import { runAsProcess } from './process-main.js';
import { tuningHost } from './tuning/host.js';

/** What is mended belongs to no interface; a journal names one, and this one is on every host. */
const mending = { host: tuningHost({ interface: 'lo', enter: [], port: 0 }), folder: mendsFolder };

/** Blank where the user leaves by Ctrl-C or Ctrl-D instead of an answer. */
function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  return new Promise((resolve) => {
    terminal.once('close', () => resolve(''));
    terminal.once('SIGINT', () => terminal.close());
    terminal.question(question, (answer) => {
      resolve(answer);
      terminal.close();
    });
  });
}

const ask = process.stdin.isTTY && process.stdout.isTTY ? askOnTerminal : null;

await runAsProcess((argv, surroundings) =>
  main(argv, { ...surroundings, host: viewOfThisHost, mending, ask, examineRemote }),
);
