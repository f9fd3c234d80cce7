import { answerQuestions } from './agent.js';

/** Answers a harness on another host. */
process.exit(await answerQuestions(process.stdin, process.stdout));
