import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { childScripts } from '../../common/process/paths.js';
import type { KernelAnswers } from '../../model/host.js';
import { tryMechanism, xdpAbilities } from '../../native/index.js';
import { kernelIsAtLeast } from '../fakes/kernel.js';

describe('what a driver can do of XDP', () => {
  it.runIf(kernelIsAtLeast(6, 3))('is nothing for the loopback interface', () =>
    expect(xdpAbilities('lo')).toEqual({ features: [], zeroCopySegments: 0 }),
  );

  it('is not told of an interface that is missing', () => expect(xdpAbilities('ivb-none')).toBeNull());
});

describe('what the kernel answers', () => {
  it('is one line of JSON of a process of its own', async () => {
    const { stdout } = await execa(process.execPath, [childScripts.answers, 'lo']);
    const answers = JSON.parse(stdout) as KernelAnswers;
    expect(answers.queues).toEqual({ lo: { rx: 1, tx: 1 } });
    expect(Object.keys(answers.refusals)).toEqual(['xdpProgram', 'xdpSocket', 'packetSocket', 'ioUring']);
  });

  it.runIf(process.getuid?.() === 0)('lets root load XDP programs and open AF_XDP sockets', () => {
    tryMechanism('xdpProgram');
    tryMechanism('xdpSocket');
  });

  it.runIf(process.getuid?.() === 0)('names the capability to a user who has none', async () => {
    const { stdout } = await execa('setpriv', [
      ...['--reuid', '65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'],
      ...[process.execPath, childScripts.answers],
    ]);
    const { refusals } = JSON.parse(stdout) as KernelAnswers;
    expect(refusals.xdpSocket).toMatch(/no CAP_NET_RAW.*Operation not permitted$/);
    expect(refusals.packetSocket).toMatch(/needs CAP_NET_RAW.*Operation not permitted$/);
    expect(refusals.xdpProgram).toMatch(/not permitted/);
  });
});
