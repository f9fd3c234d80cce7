import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Site } from '../../common/wire/topology.js';
import { patience } from '../fakes/patience.js';
import { labFolder } from './kernels.js';

const clientCount = 40;

/** What clients.mjs prints of a round: clients that got all their right replies in time, and requests. */
interface Round {
  answered: number;
  lost: number;
  wrong: number;
}

/** A round in which nothing was lost. */
export const allAnswered: Round = { answered: clientCount, lost: 0, wrong: 0 };

/** Clients on the host that ask a guest without rest, each with one request at a time. */
export class Clients {
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  private constructor(process: ChildProcess, lines: Interface) {
    this.#process = process;
    this.#lines = lines;
  }

  static async start({ enter }: Site, address: string): Promise<Clients> {
    // A pause of 2 ms is 20 thousand requests a second of all, on a machine of its own.
    const settings = [clientCount, patience(2), patience(50)].map(String);
    const [file = '', ...words] = [...enter, process.execPath, join(labFolder, 'clients.mjs'), address, '1232'];
    const child = spawn(file, [...words, ...settings], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    await once(lines, 'line');
    return new Clients(child, lines);
  }

  /** Starts all anew; resolves to what came of it when each has its right replies or it takes too long. */
  async round(replies = 5): Promise<Round> {
    const told = once(this.#lines, 'line');
    this.#process.stdin?.write(`round ${replies} ${patience(250)}\n`);
    const [line] = await told;
    return JSON.parse(line) as Round;
  }

  async end(): Promise<void> {
    const exit = once(this.#process, 'exit');
    this.#process.stdin?.end();
    await exit;
  }
}
