import { expect, it } from 'vitest';
import { tuningHost } from '../../../harness/tuning/host.js';

const here = { interface: 'eth1', enter: [], port: 1232 };

it('a folder that is not there has no names in it', async () => {
  expect(await tuningHost(here).list('/proc/none')).toEqual([]);
});

it.each([
  ['is a file', here, '/etc/hostname', 'ENOTDIR: not a directory'],
  ['is in a namespace that cannot be entered', { ...here, enter: ['false'] }, '/sys/class/net/eth1', 'Command failed'],
])('a folder that %s is no absence', async (_, site, folder, word) => {
  await expect(tuningHost(site).list(folder)).rejects.toThrow(word);
});
