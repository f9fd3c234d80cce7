import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { thisHost } from '../common/process/host-sources.js';
import { childScripts } from '../common/process/paths.js';
import { toolEnvironment } from '../common/process/tools.js';
import type { KernelAnswers } from '../model/host.js';
import { mendsFolder } from './doctor/mends.js';
import type { ViewSources } from './doctor/view.js';
import { main } from './doctor-command.js';
import { runAsProcess } from './process-main.js';
import { tuningHost } from './tuning/host.js';
import { tellAbandoned } from './tuning/restore.js';

/** Long enough for a use of a few percent to show in ticks of 10 ms, short enough to wait for. */
const watchMs = 500;

/** This machine, whose kernel is asked by a process of its own: without the addon all the rest can still be told. */
const host: ViewSources = {
  ...thisHost,
  watchMs,
  leftTuning: () => tellAbandoned(),
  async askKernel(interfaces) {
    const words = [childScripts.answers, ...interfaces];
    const result = await execa(process.execPath, words, { reject: false, timeout: 5000, env: toolEnvironment });
    if (!result.failed) return JSON.parse(result.stdout) as KernelAnswers;
    // Of a program that died by an error Node prints source and stack around it.
    const said = /^(?:\w*Error: )(.+)$/m.exec(result.stderr)?.[1];
    return `cannot be used: ${said ?? result.shortMessage?.split('\n')[0]}`;
  },
};

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

await runAsProcess((argv, surroundings) => main(argv, { ...surroundings, host, mending, ask }));
