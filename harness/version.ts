import { readFileSync } from 'node:fs';

/** The version in this project's package.json, which stands one folder up from the sources and two from what is compiled. */
export function packageVersion(readText: (path: URL) => string = (path) => readFileSync(path, 'utf8')): string {
  for (const relative of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readText(new URL(relative, import.meta.url)));
      if (name === 'invoker-bench' && typeof version === 'string') return version;
    } catch {
      // Not here: look one folder further up.
    }
  }
  return 'unknown';
}
