import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { Site } from '../../common/wire/topology.js';
import type { Announcement } from '../../impls/stand-alone/announcer.js';

/** A process of ours under test, with what it printed. */
export interface Running {
  process: ChildProcess;
  output(): string;
  errors(): string;
  /** Resolves when a line on stdout starts with `prefix`; rejects when the process ends before. */
  line(prefix: string): Promise<string>;
  /** Resolves to exit code and signal. */
  ended(): Promise<{ code: number | null; signal: string | null }>;
}

const started: ChildProcess[] = [];
// What a failed test did not get to end would work on beside the tests after it.
afterEach(() => {
  for (const child of started.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});

/** Starts a compiled script of this project, on a side of a wire or on the host itself, until the test is over. */
export function start(site: Site | null, script: string, args: string[]): Running {
  const [file = '', ...rest] = [...(site?.enter ?? []), process.execPath, join(packageRoot(), 'dist', script), ...args];
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  const end = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  return {
    process: child,
    output: () => output,
    errors: () => errors,
    ended: () => end,
    async line(prefix) {
      const find = () => output.split('\n').find((line) => line.startsWith(prefix));
      let over = false;
      end.then(() => {
        over = true;
      });
      while (find() === undefined) {
        if (over) throw new Error(`ended before "${prefix}": ${output}${errors}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return find() as string;
    },
  };
}

/** The object that it printed as its last line. */
export function lastPrinted<Printed>(running: Running): Printed {
  return JSON.parse(running.output().trim().split('\n').at(-1) ?? '');
}

/** Ends an invoker that prints JSON as a user does; resolves to its totals. */
export async function totalsOf(invoker: Running): Promise<Extract<Announcement, { type: 'totals' }>> {
  invoker.process.kill('SIGTERM');
  expect(await invoker.ended()).toEqual({ code: 0, signal: null });
  return lastPrinted(invoker);
}

/** Processes of this machine: number, parent's number, command line. */
export function processes(): { pid: number; parent: number; command: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return [{ pid: Number(name), parent, command }];
    } catch {
      return []; // It ended while we looked.
    }
  });
}

/** Waits for a child of `parent` that runs `script`; resolves to its number. */
export async function childOf(parent: number, script: string): Promise<number> {
  for (;;) {
    const found = processes().find((process) => process.parent === parent && process.command.includes(script));
    if (found) return found.pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
