import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { buildProgram, complaints, cpp } from '../fakes/compiler.js';
import { temporaryFolder } from '../fakes/folder.js';

// An arm64 host runs these very things in all other tests.
describe.runIf(process.arch === 'x64')('on arm64', () => {
  const target = 'aarch64-linux-gnu';

  it('payloads are reversed as bytewise', { timeout: 60_000 }, async () => {
    const options = [`--target=${target}`, '-static', '-fuse-ld=lld'];
    const program = await buildProgram('reverse', ['reverse.cc'], { compiler: 'clang++', options });
    expect((await execa('qemu-aarch64', [program])).stdout).toBe('right');
  });

  it('the datapaths and the generators compile', { timeout: 120_000 }, async () => {
    const files = [
      'afxdp_invoker',
      'xsk_queue',
      'ring_server',
      'io_ring',
      'recvmmsg_invoker',
      'xdp_invoker',
      'live_generator',
    ];
    const sources = files.map((file) => `native/${file}.cc`);
    expect(await complaints(target, sources, [...cpp, '-Ibuild/Release/obj/gen/skeletons'])).toBe('');
  });
});

it.each([
  ['s390x-linux-gnu', 'bpf/payload.h'],
  ['bpfeb', 'bpf/respond.bpf.c'],
  ['bpfeb', 'bpf/count.bpf.c'],
  ['bpfeb', 'bpf/generate.bpf.c'],
])('for a big-endian CPU (%s) %s is refused in words', async (target, source) => {
  const headers = ['x86_64', 'aarch64'].map((machine) => `-I/usr/include/${machine}-linux-gnu`);
  expect(await complaints(target, [source], headers)).toMatch(/error: "invoker-bench needs a little-endian CPU/);
});

it('eBPF programs are built with the headers of the compiler, whatever the kernel calls its machine', async () => {
  const folder = temporaryFolder();
  const uname = join(folder, 'uname');
  writeFileSync(uname, '#!/bin/sh\necho armv7l\n');
  chmodSync(uname, 0o755);
  const header = join(folder, 'pass.skel.h');
  await execa('sh', ['bpf/skeleton.sh', 'bpf/pass.bpf.c', header], {
    cwd: packageRoot(),
    env: { PATH: `${folder}:${process.env.PATH}` },
  });
  expect(existsSync(header)).toBe(true);
});
