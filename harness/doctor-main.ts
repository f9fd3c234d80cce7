import { openDialogue } from './dialogue.js';
import { mendsFolder } from './doctor/mends.js';
import { viewOfThisHost } from './doctor/this-host.js';
import { main } from './doctor-command.js';
import { examineRemote } from './far/examination.js';
import { runAsProcess } from './process-main.js';
import { tuningHost } from './tuning/host.js';

/** What is mended belongs to no interface; a journal names one, and this one is on every host. */
const mending = { host: tuningHost({ interface: 'lo', enter: [], port: 0 }), folder: mendsFolder };

/** Blank where the user leaves instead of an answer. */
async function askOnTerminal(question: string, interrupt: AbortSignal): Promise<string> {
  const dialogue = openDialogue(interrupt);
  const answer = await dialogue.ask(question);
  dialogue.close();
  return answer ?? '';
}

const asks = process.stdin.isTTY && process.stdout.isTTY;

await runAsProcess((argv, surroundings) => {
  const ask = asks ? (question: string) => askOnTerminal(question, surroundings.interrupt) : null;
  return main(argv, { ...surroundings, host: viewOfThisHost, mending, ask, examineRemote });
});
