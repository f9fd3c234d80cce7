import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../common/process/paths.js';

/** A command of a file of deploy/ that starts at night by itself; words as its shell, or systemd, divides them. */
export interface HostJob {
  from: string;
  command: string;
}

const read = (path: string): string => readFileSync(join(packageRoot(), path), 'utf8');

/** The commands `ExecStart=` of a unit of systemd, continued lines joined. */
export function unitJobs(path: string): HostJob[] {
  return [
    ...read(path)
      .replace(/\\\n\s*/g, '')
      .matchAll(/^ExecStart=(.+)$/gm),
  ].map(([, command = '']) => ({
    from: path,
    command: command.replaceAll(`\${STATE_DIRECTORY}`, '$STATE'),
  }));
}

/** What a crontab starts in the tree, without what pulls and builds it. */
export function cronJobs(path: string): HostJob[] {
  return [...read(path).matchAll(/^(?:@reboot|[\d* ]+) root .*?cd \/opt\/invoker-bench && (.+)$/gm)].map(
    ([, command = '']) => ({ from: path, command: command.replace(/\{ git pull.*?\} && /, '') }),
  );
}
