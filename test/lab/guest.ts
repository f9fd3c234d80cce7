import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { patience } from '../fakes/patience.js';
import { GuestProcess, type ProcessNews } from './guest-process.js';
import { labFolder, unpackedKernel } from './kernels.js';
import { guestMac, qemuWords } from './qemu.js';
import type { LabWire } from './wire.js';

/** Guests of this process: each has a console of its own. */
let booted = 0;
/** A guest ends by itself after this time, whatever became of the lab. */
const lifeSeconds = patience(90);

/** In what the card of a guest differs from the others'. */
export interface GuestCard {
  /** Of QEMU's device, beside those of all: `rss=on`. */
  options?: string[];
  mac?: string;
  /** Another one beside it, `eth1` there, at a tap device of the same namespace. */
  second?: { tap: string; mac: string };
}

/**
 * A kernel of Debian's that runs under QEMU without hardware virtualization, on this host's own file system, with a virtio-net card of
 * several queue pairs on the lab's wire. What it printed on its console is kept where an error names it.
 */
export class Guest {
  readonly #qemu: ChildProcess;
  readonly #control: Socket;
  readonly #work: string;
  readonly #processes = new Map<number, GuestProcess>();
  #keepConsole = false;
  readonly #consolePath: string;
  /** As `uname -r` has it. */
  release = '';

  private constructor(qemu: ChildProcess, control: Socket, work: string, consolePath: string) {
    this.#qemu = qemu;
    this.#control = control;
    this.#work = work;
    this.#consolePath = consolePath;
  }

  /** Rejects with where the console is when the guest does not come up. */
  static async boot(kernel: string, wire: Pick<LabWire, 'client'>, card: GuestCard = {}): Promise<Guest> {
    try {
      return await Guest.#boot(kernel, wire, card);
    } catch (error) {
      // While it boots, a kernel rewrites its own code under the feet of its other CPUs, which QEMU's emulation does not always
      // bear: nothing of ours runs yet.
      if (!(error as Error).message.includes('Oops: int3')) throw error;
      return await Guest.#boot(kernel, wire, card);
    }
  }

  static async #boot(
    kernel: string,
    { client }: Pick<LabWire, 'client'>,
    { options = [], mac = guestMac, second }: GuestCard,
  ): Promise<Guest> {
    const folder = unpackedKernel(kernel);
    const [release = ''] = readdirSync(join(folder, 'usr/lib/modules'));
    const modules = join(folder, 'usr/lib/modules', release);
    const work = mkdtempSync(join(tmpdir(), 'ivb-lab-'));
    const initrd = join(work, 'initrd');
    const made = spawnSync(join(labFolder, 'initrd.sh'), [modules, initrd, String(lifeSeconds), process.execPath]);
    if (made.status !== 0) {
      rmSync(work, { recursive: true, force: true });
      throw new Error(`lab: no initial RAM disk: ${made.stderr}`);
    }
    const consolePath = `${folder}-console-${process.pid}-${++booted}.log`;
    const controlPath = join(work, 'control');
    const [file = '', ...words] = [
      ...client.enter,
      ...qemuWords({
        kernel: join(modules, 'vmlinuz'),
        initrd,
        root: '/',
        consolePath,
        cards: [{ tap: client.interface, mac }, ...(second ? [second] : [])].map((at) => ({ ...at, options })),
      }),
      ...['-chardev', `socket,id=control,path=${controlPath},server=on,wait=off`, '-serial', 'chardev:control'],
    ];
    const qemu = spawn(file, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    qemu.stderr?.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    const ended = () => qemu.exitCode !== null || qemu.signalCode !== null;
    let control: Socket | null = null;
    while (!control && !ended()) {
      const socket = connect(controlPath);
      control = await once(socket, 'connect').then(
        () => socket,
        () => null,
      );
      if (!control) await sleep(20);
    }
    if (!control) {
      rmSync(work, { recursive: true, force: true });
      throw new Error(`lab: QEMU ended at once: ${errors.trim()}`);
    }
    const guest = new Guest(qemu, control, work, consolePath);
    qemu.once('exit', () => {
      for (const process of guest.#processes.values()) process.lose();
    });
    await guest.#greeting(() => errors);
    return guest;
  }

  async #greeting(errors: () => string): Promise<void> {
    const told = new Promise<void>((resolve) => {
      createInterface({ input: this.#control }).on('line', (line) => {
        const { release, id, ...news } = JSON.parse(line) as { release?: string; id: number } & ProcessNews;
        if (release === undefined) this.#processes.get(id)?.take(news);
        else {
          this.release = release;
          resolve();
        }
      });
    });
    const first = await Promise.race([
      told.then(() => 'up'),
      once(this.#qemu, 'exit').then(() => `the guest ended before it was up ${errors()}`),
      sleep(patience(3000), 'the guest did not come up', { ref: false }),
    ]);
    if (first === 'up') return;
    const where = this.#whereabouts();
    await this.end();
    throw new Error(`lab: ${first.trim()} (${where})`);
  }

  /** Starts a command of bash. */
  start(command: string): GuestProcess {
    if (this.#panicked()) throw new Error(`the guest is no more: ${this.#whereabouts()}`);
    const id = this.#processes.size;
    const say = (message: object) => this.#control.write(`${JSON.stringify({ id, ...message })}\n`);
    const process = new GuestProcess(command, () => this.#whereabouts(), say);
    this.#processes.set(id, process);
    say({ run: command });
    return process;
  }

  /** Runs a command of bash; resolves to what it printed, rejects with its errors where it fails. */
  async run(command: string, withinMs = patience(500)): Promise<string> {
    const process = this.start(command);
    const { code, signal } = await process.ended(withinMs);
    if (code === 0) return process.output().trim();
    throw new Error(`${command}: ${signal ?? `exit code ${code}`}: ${process.errors().trim()}`);
  }

  #panicked(): boolean {
    return this.complaints().some((line) => line.includes('Kernel panic'));
  }

  /** For an error. */
  #whereabouts(): string {
    this.#keepConsole = true;
    const [complaint = 'its kernel did not complain'] = this.complaints();
    return `${complaint}; console: ${this.#consolePath}`;
  }

  /** What the kernel complained of. */
  complaints(): string[] {
    return readFileSync(this.#consolePath, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /BUG:|WARNING:|Oops|Kernel panic|stalled|blocked for more than/.test(line));
  }

  /** Powers off; a guest that does not is killed by its number. */
  async end(): Promise<void> {
    if (this.#qemu.exitCode === null && this.#qemu.signalCode === null) {
      const exit = once(this.#qemu, 'exit');
      const panicked = this.#panicked();
      if (!panicked) this.start('echo o >/proc/sysrq-trigger');
      if (panicked || !(await Promise.race([exit, sleep(patience(200), null, { ref: false })]))) {
        this.#qemu.kill('SIGKILL');
        await exit;
      }
    }
    this.#control.destroy();
    if (!this.#keepConsole && this.complaints().length === 0) rmSync(this.#consolePath, { force: true });
    rmSync(this.#work, { recursive: true, force: true });
  }
}
