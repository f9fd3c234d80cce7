import type { KernelAnswers, Mechanism } from '../model/host.js';
import { loadAddon, queueCounts, tryMechanism, xdpAbilities } from './index.js';

/** Prints what this kernel answers, and of the interfaces that are named as arguments: KernelAnswers as JSON. */
const interfaces = process.argv.slice(2);

// What is not built is no refusal of the kernel's.
loadAddon();

function refusal(mechanism: Mechanism): string | null {
  try {
    tryMechanism(mechanism);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const answers: KernelAnswers = {
  refusals: {
    xdpProgram: refusal('xdpProgram'),
    xdpSocket: refusal('xdpSocket'),
    packetSocket: refusal('packetSocket'),
    ioUring: refusal('ioUring'),
  },
  xdp: Object.fromEntries(interfaces.map((name) => [name, xdpAbilities(name)])),
  queues: Object.fromEntries(interfaces.map((name) => [name, queueCounts(name)])),
};
process.stdout.write(`${JSON.stringify(answers)}\n`);
