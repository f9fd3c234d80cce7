import { execa } from 'execa';
import type { Site } from '../../common/wire/topology.js';

/** Python code of clients with a socket and so a flow each: prints how many were answered with their payload reversed. */
const manyClients = `
import select, socket, sys, time
address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
waiting = {}
for i in range(count):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect((address, port))
    waiting[client] = b"client %d" % i
    client.send(waiting[client])
end, answered = time.monotonic() + 2, 0
while waiting and time.monotonic() < end:
    for client in select.select(list(waiting), [], [], 0.1)[0]:
        try: answered += client.recv(2048) == waiting.pop(client)[::-1]
        except ConnectionRefusedError: pass
print(answered)
`;

/** How many of `count` clients on a side are answered by `reverse` on a port within 2 s. */
export async function answeredClients(from: Site, address: string, port: number, count: number): Promise<number> {
  const [file = '', ...args] = [...from.enter, 'python3', '-c', manyClients];
  return Number((await execa(file, [...args, address, String(port), String(count)])).stdout);
}
