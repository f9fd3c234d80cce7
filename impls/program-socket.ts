import { readdirSync, readlinkSync } from 'node:fs';
import { BenchError } from '../common/cli/errors.js';
import { readText, tryList, tryRead } from '../common/process/host-files.js';
import { takeUdp, type UdpBinding } from '../native/index.js';

/**
 * The socket that a program has bound by itself, set up as those that are bound here: a descriptor of this process, which is the
 * caller's to close. Throws BenchError PROTOCOL where it has none.
 */
export function takeSocket(name: string, pid: number, binding: UdpBinding): number {
  const inodes = inodesOn(binding.port, tryRead(readText, `/proc/${pid}/net/udp`) ?? '');
  const links = tryList(readdirSync, `/proc/${pid}/fd`).map((fd) => ({
    fd: Number(fd),
    inode: /^socket:\[(\d+)\]$/.exec(tryRead(readlinkSync, `/proc/${pid}/fd/${fd}`) ?? '')?.[1],
  }));
  const found = links.find(({ inode }) => inode !== undefined && inodes.includes(inode));
  if (found === undefined)
    throw new BenchError('PROTOCOL', `the ${name} program is ready and has no socket on UDP port ${binding.port}`);
  return takeUdp(pid, found.fd, binding);
}

/** Inodes of the sockets that have a port, from the text of /proc/net/udp. */
function inodesOn(port: number, table: string): string[] {
  const own = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local]) => local?.endsWith(`:${own}`))
    .flatMap((fields) => fields[9] ?? []);
}
