// Says ready to the context and repeats every command; leaves at the end of its input.
import { createInterface } from 'node:readline';

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
let lines = 0;
for await (const line of createInterface({ input: process.stdin })) {
  say({ type: lines++ === 0 ? 'ready' : 'heard', line: JSON.parse(line) });
}
