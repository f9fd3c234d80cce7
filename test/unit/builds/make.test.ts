import { describe, expect, it } from 'vitest';
import { causeOf } from '../../../harness/builds/make.js';

describe('the cause of a build that failed', () => {
  it.each([
    [
      'a compiler',
      [
        '../native/recvmmsg.cc: In member function',
        "../native/recvmmsg.cc:41:3: error: 'x' was not declared in this scope",
        '   41 |   x;',
        '../native/recvmmsg.cc:42:1: error: expected',
        'make[1]: *** [invoker.target.mk:150: Release/obj.target/invoker/native/recvmmsg.o] Error 1',
        'gyp ERR! build error',
        'gyp ERR! stack Error: `make` failed with exit code: 2',
        'gyp ERR! not ok',
        'make: *** [Makefile:95: build/Release/invoker.node] Error 1',
      ],
      "../native/recvmmsg.cc:41:3: error: 'x' was not declared in this scope",
    ],
    [
      'a header that is missing',
      ['../native/a.cc:1:10: fatal error: bpf/libbpf.h: No such file or directory', 'compilation terminated.'],
      '../native/a.cc:1:10: fatal error: bpf/libbpf.h: No such file or directory',
    ],
    [
      'TypeScript',
      [
        "impls/afxdp.ts(11,3): error TS2322: Type 'x' is not assignable.",
        'make: *** [Makefile:105: dist/.built] Error 2',
      ],
      "impls/afxdp.ts(11,3): error TS2322: Type 'x' is not assignable.",
    ],
    [
      'a linker',
      ["/usr/bin/ld: a.o: undefined reference to `io_uring_x'", 'collect2: error: ld returned 1 exit status'],
      "/usr/bin/ld: a.o: undefined reference to `io_uring_x'",
    ],
    [
      'npm',
      [
        'npm error code ENOTFOUND',
        'npm error syscall getaddrinfo',
        'npm error errno ENOTFOUND',
        'npm error network request to https://registry.example/x failed, reason: getaddrinfo ENOTFOUND',
        'npm error A complete log of this run can be found in: x.log',
        'make: *** [Makefile:82: node_modules/.package-lock.json] Error 1',
      ],
      'npm error network request to https://registry.example/x failed, reason: getaddrinfo ENOTFOUND',
    ],
    [
      'a recipe',
      ['invoker-bench: install Node 20 first', 'make: *** [Makefile:69: debian] Error 1'],
      'invoker-bench: install Node 20 first',
    ],
    [
      'make alone',
      ["make: *** No rule to make target 'build'.  Stop."],
      "make: *** No rule to make target 'build'.  Stop.",
    ],
    ['nothing', ['', ' '], null],
  ])('of %s', (_, lines, cause) => expect(causeOf(lines.join('\n'))).toBe(cause));
});
