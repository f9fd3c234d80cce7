import type { HostSources } from '../../common/process/host-sources.js';
import { Refusal, type TuningHost } from '../../harness/tuning/host.js';

/** A host made of files, by their paths, and of what commands print, by their words. */
export function fakeHost(files: Record<string, string>, outputs: Record<string, string> = {}): HostSources {
  return {
    readText(path) {
      const text = files[path];
      if (text === undefined) throw new Error(`no ${path}`);
      return text;
    },
    list(folder) {
      const names = Object.keys(files).filter((path) => path.startsWith(`${folder}/`));
      if (names.length === 0) throw new Error(`no ${folder}`);
      return [...new Set(names.map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''))];
    },
    output: async (file, args) => outputs[[file, ...args].join(' ')] ?? null,
  };
}

/** Sets the files of such a host in place. A process that is stopped or goes on has that state in its `stat`. */
export function fakeTuningHost(
  files: Record<string, string>,
  refuses: (path: string) => boolean = () => false,
): TuningHost {
  const { readText, list } = fakeHost(files);
  const refuse = async (): Promise<never> => {
    throw new Refusal('not on this host', 'fake');
  };
  return {
    ...{ interface: 'lo', enter: [], port: 0 },
    read: async (path) => (files[path] === undefined ? await refuse() : readText(path).trim()),
    async write(path, text) {
      if (files[path] === undefined || refuses(path)) await refuse();
      files[path] = `${text}\n`;
    },
    async list(folder) {
      try {
        return list(folder);
      } catch {
        return [];
      }
    },
    texts: async (folder) => new Map(Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`))),
    signal(pid, signal) {
      const path = `/proc/${pid}/stat`;
      files[path] = (files[path] ?? '').replace(/\) \S /, signal === 'SIGSTOP' ? ') T ' : ') S ');
    },
    ...{ run: refuse, runOutside: refuse, readNumber: refuse, hold: refuse, release: refuse },
  };
}
