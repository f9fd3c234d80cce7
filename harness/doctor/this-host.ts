import { execa } from 'execa';
import { thisHost } from '../../common/process/host-sources.js';
import { childScripts } from '../../common/process/paths.js';
import { toolEnvironment } from '../../common/process/tools.js';
import type { KernelAnswers } from '../../model/host.js';
import { tellAbandoned } from '../tuning/restore.js';
import type { ViewSources } from './view.js';

/** Long enough for a use of a few percent to show in ticks of 10 ms, short enough to wait for. */
const watchMs = 500;

/** An emulated or overloaded host needs several seconds to start a process of Node. */
const askForMs = 30_000;

/** This machine, whose kernel is asked by a process of its own: without the addon all the rest can still be told. */
export const viewOfThisHost: ViewSources = {
  ...thisHost,
  watchMs,
  leftTuning: () => tellAbandoned(),
  async askKernel(interfaces) {
    const words = [childScripts.answers, ...interfaces];
    const result = await execa(process.execPath, words, { reject: false, timeout: askForMs, env: toolEnvironment });
    if (result.timedOut) return { failure: `cannot be asked for: no answer within ${askForMs / 1000} s`, remedy: null };
    if (!result.failed) return JSON.parse(result.stdout) as KernelAnswers;
    // Of a program that died by an error Node prints source and stack around it.
    const said = /^(?:\w*Error: )(.+)$/m.exec(result.stderr)?.[1];
    return { failure: `cannot be used: ${said ?? result.shortMessage?.split('\n')[0]}`, remedy: 'make build' };
  },
};
