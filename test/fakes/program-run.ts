import { execa } from 'execa';

/** What a loaded program did with a frame. */
export interface ProgramRun {
  /** Of XDP as in linux/bpf.h: 0 aborted, 1 drop, 2 pass, 3 tx, 4 redirect. */
  verdict: number;
  frame: Buffer;
}

export const verdicts = { aborted: 0, drop: 1, pass: 2, tx: 3 } as const;

/** The same of a program at the ingress of an interface, as in linux/pkt_cls.h: shot, unspecified, redirect. */
export const tcVerdicts = { drop: 2, pass: 0xffff_ffff, tx: 7 } as const;

/** Python code that runs a program by its id (BPF_PROG_TEST_RUN) on the frames, as hex one a line, that come in. */
const code = `
import ctypes, os, platform, struct, sys
number = {'x86_64': 321, 'aarch64': 280}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)
def bpf(command, attributes):
    room = ctypes.create_string_buffer(attributes, 144)
    result = libc.syscall(number, command, room, ctypes.sizeof(room))
    if result < 0:
        raise OSError(ctypes.get_errno(), 'bpf')
    return result, room.raw
program, _ = bpf(13, struct.pack('=I', int(sys.argv[1])))
out = ctypes.create_string_buffer(4096)
for line in sys.stdin:
    frame = bytes.fromhex(line)
    room = ctypes.create_string_buffer(frame, len(frame))
    _, answer = bpf(10, struct.pack('=IIIIQQI', program, 0, len(frame), len(out), ctypes.addressof(room), ctypes.addressof(out), 1))
    _, verdict, _, length = struct.unpack_from('=IIII', answer)
    print(verdict, out.raw[:length].hex())
`;

/** Runs a loaded program on frames, as if they came in by queue 0 of the loopback. */
export async function runProgram(id: number, frames: readonly Buffer[]): Promise<ProgramRun[]> {
  const input = frames.map((frame) => frame.toString('hex')).join('\n');
  const { stdout } = await execa('python3', ['-c', code, String(id)], { input });
  return stdout.split('\n').map((line) => {
    const [verdict, hex = ''] = line.split(' ');
    return { verdict: Number(verdict), frame: Buffer.from(hex, 'hex') };
  });
}
