import { execa } from 'execa';
import type { Site } from '../../common/wire/topology.js';

/** Puts the frames (hex, one a line) that come in onto a wire, then prints the UDP frames that came back until 0.3 s of silence. */
const rawClient = `
import socket, sys
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
raw.bind((sys.argv[1], 0))
raw.settimeout(0.3)
for line in sys.stdin:
    raw.send(bytes.fromhex(line))
outgoing = 4
try:
    while True:
        frame, (_, _, kind, _, _) = raw.recvfrom(4096)
        if kind != outgoing and frame[12:14] == b'\\x08\\x00' and frame[23] == 17:
            print(frame.hex())
except TimeoutError:
    pass
`;

/** Sends whole frames from a side, whatever they claim; resolves to the UDP frames that come back. */
export async function sendFrames(from: Site, frames: readonly Buffer[]): Promise<Buffer[]> {
  const [file = '', ...args] = [...from.enter, 'python3', '-c', rawClient, from.interface];
  const { stdout } = await execa(file, args, { input: frames.map((frame) => frame.toString('hex')).join('\n') });
  return stdout.split('\n').flatMap((hex) => (hex === '' ? [] : [Buffer.from(hex, 'hex')]));
}
