import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { temporaryFolder } from './folder.js';

const author = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];

/** A git repository without a commit, on its branch main, until the test is over. */
export function emptyRepository(): string {
  const root = temporaryFolder();
  execaSync('git', ['init', '-q', '-b', 'main', root]);
  return root;
}

/** Commits files by their paths, and what else changed; returns the commit. */
export function commit(root: string, message: string, files: Record<string, string> = {}): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  execaSync('git', ['-C', root, 'add', '-A']);
  execaSync('git', ['-C', root, ...author, 'commit', '-q', '--allow-empty', '-m', message]);
  return execaSync('git', ['-C', root, 'rev-parse', 'HEAD']).stdout;
}
