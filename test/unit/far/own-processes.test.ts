import { expect, it } from 'vitest';
import { pathsTo } from '../../../harness/far/own-processes.js';

/** Parent, session and command line by process: an invoker and an agent, reached as root and by sudo. */
const processes: Record<number, [parent: number, session: number, title: string]> = {
  50: [1, 50, 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups'],
  60: [50, 60, 'sshd: bench@notty'],
  70: [60, 70, 'sudo\0-n\0node\0tether-main.js'],
  71: [70, 70, 'node\0tether-main.js\0far'],
  72: [71, 70, 'node\0agent-main.js'],
  80: [60, 80, 'node\0tether-main.js\0far'],
  81: [80, 80, 'node\0impls/main.js'],
  // By a server that has no process of its own for a connection.
  40: [1, 40, 'dropbear'],
  41: [40, 41, 'node\0tether-main.js\0far'],
  42: [41, 41, 'node\0agent-main.js'],
};
const readText = (path: string) => {
  const [, pid, file] = /^\/proc\/(\d+)\/(stat|cmdline)$/.exec(path) ?? [];
  const [parent, session, title] = processes[Number(pid)] ?? [];
  if (title === undefined) throw new Error(`no ${path}`);
  return file === 'cmdline' ? title : `${pid} (a) b) S ${parent} 7 ${session} 0 -1`;
};

it.each([
  [[72], [71, 70, 60]],
  [
    [72, 81],
    [71, 70, 60, 80],
  ],
  [[42], [41]],
  [[99], []],
])('%j are reached through %j', (pids, path) => expect(pathsTo(pids, readText)).toEqual(path));
