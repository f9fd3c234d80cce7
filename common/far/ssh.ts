import { join } from 'node:path';
import { packageRoot } from '../process/paths.js';

/** A host that is reached by the system's ssh, whose configuration, agent and known hosts are respected. */
export interface FarHost {
  /** As ssh takes it: user@name, or a name of its configuration. */
  target: string;
  /** The folder of this project's built tree there. */
  root: string;
}

/**
 * Nothing is asked of a person; the first process opens a connection that the others share, and is heard of within four
 * seconds where the other side is gone.
 */
const options = {
  BatchMode: 'yes',
  ConnectTimeout: '5',
  ServerAliveInterval: '1',
  ServerAliveCountMax: '3',
  ControlMaster: 'auto',
  ControlPersist: 'no',
  // What a user's configuration may have for a person at a terminal.
  RequestTTY: 'no',
  RemoteCommand: 'none',
  ForwardAgent: 'no',
  ClearAllForwardings: 'yes',
};

/** How long a process there has to end when its harness is gone, in milliseconds. */
export const graces = {
  /** To take its programs along. */
  session: 1000,
  /** To undo what is set on the host, which may take the link down for a while. */
  agent: 60_000,
};

/** The ssh program, and its first arguments where IVB_SSH has some: `IVB_SSH='ssh -F file'`. */
const program = () => (process.env.IVB_SSH ?? 'ssh').split(' ').filter(Boolean);

const tether = 'dist/common/far/tether-main.js';

/** The words of ssh that stand before the host. */
export function sshWords(controlPath: string): string[] {
  const settings = Object.entries({ ...options, ControlPath: controlPath });
  return [...program(), ...settings.flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

/** Words that run what follows them on that host, in a process that dies with the connection; it is root's there. */
export function enterFar({ target, root }: FarHost, controlPath: string, what: keyof typeof graces): string[] {
  const near = [process.execPath, join(packageRoot(), tether), 'near', root, String(graces[what])];
  return [...near, ...sshWords(controlPath), target, '--'];
}

/** The command line of ssh for words behind the `--` of enterFar(), as its near end runs it. */
export function farCommand(root: string, grace: string, words: readonly string[]): string[] {
  const begin = words.indexOf('--');
  const command = words.slice(begin + 1);
  // The tether of what has a CPU of its own has the same: elsewhere it might disturb what is measured.
  const pinned = command[0] === 'taskset' ? command.splice(0, 3) : [];
  const there = [...pinned, 'node', join(root, tether), 'far', grace, ...command].map(quoted).join(' ');
  // Whatever the user's own shell there is.
  return [...words.slice(0, begin), `exec sh -c ${quoted(asRoot(there))}`];
}

/** A command of a POSIX shell as root runs it, or a user whose sessions have CAP_NET_ADMIN, bit 12, given by root. */
export function asRoot(command: string): string {
  const mayItself = `[ "$(id -u)" = 0 ] || grep -q '^CapAmb:.*[13579bdf]...$' /proc/self/status`;
  return `if ${mayItself}; then exec ${command}; else exec sudo -n ${command}; fi`;
}

/** What ssh ends with where it is not the exit code of what it ran. */
export const sshFailed = 255;

/** What the near end says then: ssh may have said nothing. */
export function lostWords(words: readonly string[]): string {
  return `no connection to ${words[words.indexOf('--') - 1]} any more`;
}

/** For a shell of POSIX. */
export const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
