import { type FileHandle, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { ExecaError, execa } from 'execa';
import { toolEnvironment } from '../../common/process/tools.js';

/** What an interface, a driver or the kernel answers to what it does not do: `message` is its own word. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** The command or path that it answered to. */
  readonly call: string;

  constructor(word: string, call: string) {
    super(word);
    this.call = call;
  }
}

/** Whether an error says that there is no such file or process. Any other error says nothing of what is there. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && /^(ENOENT|ESRCH)\b|^ls: .*: No such file or directory$/.test(error.message);
}

/** An interface and how to get there. */
export interface TuningSite {
  interface: string;
  /** Command words that run what follows them in its network namespace; none for this process's own. */
  enter: readonly string[];
  /** UDP port that is steered. */
  port: number;
}

/** What tuning may touch of the world. Everything rejects with Refusal. */
export interface TuningHost extends TuningSite {
  /** A file of sysfs or procfs, trimmed. */
  read(path: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
  /** Names in a folder, in their numeric order; none where there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** The first lines of all files below a folder that say something, by their paths: one look, however many there are. */
  texts(folder: string): Promise<ReadonlyMap<string, string>>;
  /** Runs a program in the interface's network namespace; resolves to what it printed. */
  run(...words: string[]): Promise<string>;
  /** Runs a program of the host. */
  runOutside(...words: string[]): Promise<string>;
  signal(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** A 32-bit number that a device answers with. */
  readNumber(path: string): Promise<number>;
  /** Writes a 32-bit number that holds as long as the file is open: until `release`, or the end of this process. */
  hold(path: string, value: number): Promise<void>;
  release(path: string): Promise<void>;
}

/** This machine, and an interface of it. */
export function tuningHost(site: TuningSite): TuningHost {
  const held = new Map<string, FileHandle>();
  const outside = (path: string) => site.enter.length === 0 || !path.startsWith('/sys/class/net/');

  return {
    ...site,
    async read(path) {
      if (outside(path)) return (await refusing(`read ${path}`, readFile(path, 'utf8'))).trim();
      return (await tool(inside('cat', path))).trim();
    },
    async write(path, text) {
      if (outside(path)) return await refusing(`write ${text} to ${path}`, writeFile(path, text));
      await tool(inside('tee', path), text);
    },
    async list(folder) {
      const listing = outside(folder)
        ? refusing(`list ${folder}`, readdir(folder))
        : tool(inside('ls', folder)).then((text) => text.split('\n').filter(Boolean));
      const names = await listing.catch((error) => {
        if (isAbsence(error)) return [];
        throw error;
      });
      return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    },
    async texts(folder) {
      // What cannot be read is none of them.
      const words = ['sh', '-c', 'grep -rs -m 1 "" "$1" || :', 'sh', folder];
      const lines = (await tool(outside(folder) ? words : inside(...words))).split('\n').filter(Boolean);
      return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
    },
    run: (...words) => tool([...site.enter, ...words]),
    runOutside: (...words) => tool(words),
    signal(pid, signal) {
      process.kill(pid, signal);
    },
    async readNumber(path) {
      const file = await refusing(`open ${path}`, open(path, 'r'));
      try {
        const { buffer } = await refusing(`read ${path}`, file.read({ buffer: Buffer.alloc(4) }));
        return buffer.readInt32LE();
      } finally {
        await file.close();
      }
    },
    async hold(path, value) {
      const file = await refusing(`open ${path}`, open(path, 'r+'));
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(value);
      await refusing(`write ${value} to ${path}`, file.write(bytes));
      held.set(path, file);
    },
    async release(path) {
      await held.get(path)?.close();
      held.delete(path);
    },
  };

  /** `/sys` shows the interfaces of the network namespace that it was mounted in. */
  function inside(...words: string[]): string[] {
    const mount = 'mount -t sysfs sysfs /sys && exec "$@"';
    return [...site.enter, 'unshare', '--mount', 'sh', '-c', mount, 'sh', ...words];
  }
}

/** Rejects with the kernel's word, `EINVAL: invalid argument`. */
async function refusing<T>(call: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Refusal(message.replace(/, (open|read|write|scandir)\b.*$/, '') || code, call);
  }
}

async function tool(words: readonly string[], input = ''): Promise<string> {
  const [file = '', ...args] = words;
  // Without what takes it into its namespace, a command is one that its user can type.
  const call = commandOf(words);
  try {
    const { stdout, stderr } = await execa(file, args, { env: toolEnvironment, input });
    // ethtool 6.1 ends with 0 where it cannot set the fields of a hash.
    if (/^Cannot /m.test(stderr)) throw new Refusal(wordOf(stderr), call);
    return stdout;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    if (error.code === 'ENOENT') throw new Refusal(`no command ${file}`, call);
    // ethtool tells on standard output what a driver made of a request instead.
    throw new Refusal(wordOf(`${error.stderr}`) || wordOf(`${error.stdout}`) || error.shortMessage, call);
  }
}

function commandOf(words: readonly string[]): string {
  const start = words.findIndex((word) => ['ethtool', 'systemctl', 'cat', 'tee', 'ls'].includes(word));
  return words.slice(Math.max(0, start)).join(' ');
}

/** All that a tool says, on one line, without what it says about itself. */
function wordOf(text: string): string {
  const lines = text
    .split('\n')
    .map((line) =>
      line
        .replace(/^(netlink error|tee|cat|sh|nsenter): /, '')
        .replace(/ \(offset \d+\)$/, '')
        .trim(),
    )
    .filter(Boolean);
  return [...new Set(lines)].join('; ');
}
