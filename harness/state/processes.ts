import { readText, tryRead } from '../../common/process/host-files.js';
import { processNumbers } from '../../common/process/program-holders.js';
import { ownMark } from '../../common/wire/owner.js';

/** Those that this process has started, or that one of them has. */
export function ownProcesses(): { pid: number; command: string }[] {
  const mark = Object.entries(ownMark()).map(([name, value]) => `${name}=${value}`)[0] as string;
  return processNumbers().flatMap((pid) => {
    if (!tryRead(readText, `/proc/${pid}/environ`)?.split('\0').includes(mark)) return [];
    const command = tryRead(readText, `/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? '';
    return [{ pid, command: command.slice(0, 100) }];
  });
}
