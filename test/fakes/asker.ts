import { execa } from 'execa';
import type { Site } from '../../common/wire/topology.js';

/** A datagram to a server: where to, from which port (0: any), and how many bytes. */
export interface Question {
  address: string;
  port: number;
  sourcePort?: number;
  bytes: number;
}

/** A reply: from where, and how many bytes. */
export interface Answer {
  address: string;
  port: number;
  bytes: number;
}

/** Sends all, from one socket for all that ask for the same source port, then prints what came until 0.3 s of silence. */
const asker = `
import json, socket, sys, time
sockets = {}
for question in json.loads(sys.argv[1]):
    source = question.get('sourcePort', 0)
    if source not in sockets:
        sockets[source] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sockets[source].bind(('', source))
        sockets[source].settimeout(0.3)
    sockets[source].sendto(b'a' * question['bytes'], (question['address'], question['port']))
answers = []
for one in sockets.values():
    try:
        while True:
            payload, (address, port) = one.recvfrom(65536)
            answers.append({'address': address, 'port': port, 'bytes': len(payload)})
    except OSError:
        pass
print(json.dumps(answers))
`;

/** Asks all questions at once; resolves to the replies, in their order for each source port. */
export async function askAll(from: Site, questions: readonly Question[]): Promise<Answer[]> {
  const [file = '', ...args] = [...from.enter, 'python3', '-c', asker, JSON.stringify(questions)];
  return JSON.parse((await execa(file, args)).stdout) as Answer[];
}
