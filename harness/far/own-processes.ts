import { type ReadText, readText, tryRead } from '../../common/process/host-files.js';
import { keepTo } from '../measure/affinity.js';

/**
 * The processes through which others of this host are reached, each once: of each its parents within its session (the
 * tether, sudo), and the one of OpenSSH that has the connection.
 */
export function pathsTo(pids: readonly number[], readText: ReadText): number[] {
  return [...new Set(pids.flatMap((pid) => pathTo(pid, readText)))].filter((pid) => !pids.includes(pid));
}

function pathTo(pid: number, readText: ReadText): number[] {
  const first = familyOf(pid, readText);
  const path: number[] = [];
  for (let at = first.parent; at > 1; ) {
    const { parent, session } = familyOf(at, readText);
    // `sshd: bench@notty`, `sshd-session: bench [priv]`; the listener serves others, too.
    const title = tryRead(readText, `/proc/${at}/cmdline`) ?? '';
    if (session === first.session || /^sshd(-session)?: \S+(@| \[priv\])/.test(title)) path.push(at);
    if (session !== first.session) break;
    at = parent;
  }
  return path;
}

/** Zeros of a process that has ended. */
function familyOf(pid: number, readText: ReadText): { parent: number; session: number } {
  const stat = tryRead(readText, `/proc/${pid}/stat`) ?? '';
  // The second field is the command in brackets, which may hold spaces; the state comes first after it.
  const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(parent ?? 0), session: Number(session ?? 0) };
}

/** Keeps this process, its path and `others` with all that they started on one CPU. Rejects with BenchError. */
export async function keepOwn(cpu: number, others: readonly number[]): Promise<null> {
  await keepTo(String(cpu));
  const rest = [
    ...pathsTo([process.pid], readText),
    ...others.flatMap((pid) => [pid, ...descendantsOf(pid, readText)]),
  ];
  // One that has ended meanwhile disturbs nobody.
  await Promise.all(rest.map((pid) => keepTo(String(cpu), pid).catch(() => {})));
  return null;
}

function descendantsOf(pid: number, readText: ReadText): number[] {
  const children = (tryRead(readText, `/proc/${pid}/task/${pid}/children`) ?? '')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child, readText)]);
}
