import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { labFolder, unpackedKernel } from './kernels.js';
import { qemuWords, type TapCard } from './qemu.js';

/** The folder of a bare Debian 12 that can install these packages without a network. Error, in one line, where it cannot be had. */
export function bareDebian(packages: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(join(labFolder, 'debian.sh'), packages, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim());
  return stdout.trim();
}

/** What a bare guest is like when it boots. */
export interface DebianMachine {
  name: string;
  /** Of bareDebian(). */
  root: string;
  /** Words that lead to the network namespace of the tap devices. */
  enter: readonly string[];
  /** The last one carries ssh, at `address`. */
  cards: TapCard[];
  address: string;
  /** Folder of `host`, its own key, and `user.pub`, that of root. */
  keys: string;
  /** Words for its kernel. */
  append: string;
}

/** A guest with Debian's own kernel, init and sshd, and no more; changes stay in its memory. */
export class DebianGuest {
  readonly #qemu: ChildProcess;
  readonly #work: string;
  readonly consolePath: string;

  private constructor(qemu: ChildProcess, work: string, consolePath: string) {
    this.#qemu = qemu;
    this.#work = work;
    this.consolePath = consolePath;
  }

  /** Starts it; whether it is up, ssh tells. */
  static start({ name, root, enter, cards, address, keys, append }: DebianMachine): DebianGuest {
    const folder = unpackedKernel('6.1');
    const [release = ''] = readdirSync(join(folder, 'usr/lib/modules'));
    const modules = join(folder, 'usr/lib/modules', release);
    const work = mkdtempSync(join(tmpdir(), 'ivb-lab-'));
    const put = (path: string, write: (file: string) => void) => {
      mkdirSync(dirname(join(work, 'files', path)), { recursive: true });
      write(join(work, 'files', path));
    };
    put('etc/hostname', (file) => writeFileSync(file, `${name}\n`));
    put('root/.ssh/authorized_keys', (file) => copyFileSync(join(keys, 'user.pub'), file));
    put('etc/ssh/ssh_host_ed25519_key', (file) => copyFileSync(join(keys, 'host'), file));
    put('etc/systemd/network/ssh.network', (file) =>
      writeFileSync(file, `[Match]\nName=eth${cards.length - 1}\n[Network]\nAddress=${address}/24\n`),
    );
    const initrd = join(work, 'initrd');
    const made = spawnSync(join(labFolder, 'initrd.sh'), [modules, initrd, join(work, 'files')], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`lab: no initial RAM disk: ${made.stderr}`);
    const consolePath = `${folder}-console-${process.pid}-${name}.log`;
    const machine = { kernel: join(modules, 'vmlinuz'), initrd, root, consolePath, cards, append };
    const [file = '', ...words] = [...enter, ...qemuWords(machine)];
    return new DebianGuest(spawn(file, words, { stdio: ['ignore', 'ignore', 'inherit'] }), work, consolePath);
  }

  /** Resolves when it answers; `ssh`: a command that reaches it. Rejects, with where its console is, where it does not in time. */
  async up(ssh: readonly string[], withinMs: number): Promise<void> {
    const [file = '', ...words] = ssh;
    for (const deadline = performance.now() + withinMs; performance.now() < deadline; await sleep(1000)) {
      const { exitCode } = await execa(file, [...words, 'true'], { reject: false });
      if (exitCode === 0) return;
      if (this.#qemu.exitCode !== null || this.#qemu.signalCode !== null) break;
    }
    throw new Error(`lab: the guest did not come up; console: ${this.consolePath}`);
  }

  /** What its kernel complained of. */
  complaints(): string[] {
    const lines = readFileSync(this.consolePath, 'utf8').split('\n');
    return lines.filter((line) => /BUG:|WARNING:|Oops|Kernel panic|blocked for more than/.test(line));
  }

  /** It has nothing to lose. */
  async end(): Promise<void> {
    if (this.#qemu.exitCode === null && this.#qemu.signalCode === null) {
      const exit = once(this.#qemu, 'exit');
      this.#qemu.kill('SIGKILL');
      await exit;
    }
    rmSync(this.#work, { recursive: true, force: true });
  }
}
