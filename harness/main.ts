import { main } from './bench-command.js';
import { openDialogue } from './dialogue.js';
import { asksFirst, interviewAndRun } from './interview-command.js';
import { runAsProcess } from './process-main.js';

await runAsProcess((argv, surroundings) =>
  asksFirst(argv, { ...surroundings, stdin: process.stdin })
    ? interviewAndRun(openDialogue(surroundings.interrupt), surroundings)
    : main(argv, surroundings),
);
