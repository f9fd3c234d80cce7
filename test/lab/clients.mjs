import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

/**
 * Clients of `reverse`, each a socket of its own with one request outstanding, that go on asking until their input ends:
 * clients.mjs ADDRESS PORT CLIENTS PAUSE_MS SILENCE_MS. After SILENCE_MS without its reply a request is given up and the
 * next one sent. The line "round REPLIES WITHIN_MS" starts all anew, and prints one JSON line when every client has its
 * right replies, or after that time.
 */
const [address, port, clients, pauseMs, silenceMs] = process.argv.slice(2).map((word, i) => (i ? Number(word) : word));
const sizes = [18, 64, 158, 758, 1472];

/** What happened since the round began. */
let round = null;

class Client {
  #socket = createSocket('udp4');
  #number;
  #request = null;
  #sequence = 0;
  #timer = null;
  right = 0;

  constructor(number) {
    this.#number = number;
    this.#socket.on('message', (reply) => this.#take(reply));
    this.#socket.on('error', () => {}); // No way to the server: the silence is counted.
    this.#socket.bind(0, () => this.ask());
  }

  ask() {
    clearTimeout(this.#timer);
    const head = `${this.#number}:${this.#sequence++}:`;
    this.#request = Buffer.from(head.padEnd(sizes[(this.#number + this.#sequence) % sizes.length], 'abcdefgh'));
    this.#socket.send(this.#request, port, address, () => {});
    this.#timer = setTimeout(() => {
      if (round) round.lost++;
      this.ask();
    }, silenceMs);
  }

  #take(reply) {
    const turned = Buffer.from(reply).reverse();
    if (this.#request === null || !turned.equals(this.#request)) {
      // A reply to a request that was given up came late; anything else is wrong.
      const [number, sequence] = turned.toString('latin1').split(':');
      if (round && !(Number(number) === this.#number && Number(sequence) < this.#sequence - 1)) round.wrong++;
      return;
    }
    this.#request = null;
    this.right++;
    round?.look();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ask(), pauseMs);
  }
}

const all = Array.from({ length: clients }, (_, number) => new Client(number));

function begin(replies, withinMs) {
  const end = () => {
    clearTimeout(timer);
    const answered = all.filter(({ right }) => right >= replies).length;
    console.log(JSON.stringify({ answered, lost: round.lost, wrong: round.wrong }));
    round = null;
  };
  const timer = setTimeout(end, withinMs);
  const look = () => {
    if (all.every(({ right }) => right >= replies)) end();
  };
  round = { lost: 0, wrong: 0, look };
  for (const client of all) {
    client.right = 0;
    client.ask();
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [, replies, withinMs] = line.split(' ');
    begin(Number(replies), Number(withinMs));
  })
  .on('close', () => process.exit(0));
console.log('asking');
