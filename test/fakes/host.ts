import type { HostSources } from '../../common/process/host-sources.js';

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
