import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UsageError } from '../../common/cli/errors.js';
import { Lock } from '../../common/process/lock.js';
import { main } from '../../loadgen/command/command.js';
import { parseGoDuration } from '../../loadgen/command/go-flags.js';
import { type LoadRequest, parseLoadOptions } from '../../loadgen/command/options.js';
import { temporaryFolder } from '../fakes/folder.js';
import { Captured } from '../fakes/streams.js';
import { freePort, listeningSocket } from '../fakes/udp.js';

const words = (line: string) => (line === '' ? [] : line.split(' '));
const parse = (line: string) => parseLoadOptions(words(line)) as LoadRequest;

/** The command with everything it said. */
async function run(line: string, { signals = new EventEmitter(), cpus = [0, 1], lock = 'ivb-test-nobody' } = {}) {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const code = await main(words(line), { stdout, stderr, signals, cpus: () => cpus, lock });
  return { code, stdout: stdout.text, lines: stdout.lines, stderr: stderr.text };
}

const messageOf = (line: string) => {
  try {
    parse(line);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('was accepted');
};

it('-calibrate is refused while another measures', async () => {
  const name = `ivb-test-loadgen-${process.pid}`;
  const holder = { pid: 12, since: '2026-11-29T10:31:00.000Z', command: 'npm run bench --' };
  const lock = await Lock.take(name, holder, '');
  onTestFinished(() => lock.release());
  const signals = new EventEmitter();
  const refused = run('-calibrate', { lock: name, signals });
  // Were it not refused, it would end before it measures.
  signals.emit('SIGINT');
  expect(await refused).toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      'loadgen: another benchmark runs: process 12 since 2026-11-29 10:31 UTC, npm run bench --; try again after its end\n',
  });
});

describe('the flags', () => {
  it("default to the published client's", () => {
    expect(parse('')).toEqual({
      kind: 'load',
      listen: { host: '', port: 8080 },
      server: '10.0.0.10',
      ports: [1232],
      packetBytes: 800,
      connections: 4,
      functionId: 'reverse',
      loop: { kind: 'closed' },
      durationNs: 1200e9,
      json: null,
      live: { rates: false, percentiles: false },
      cores: [],
      route: { interface: null, source: null, serverMac: null },
    });
  });

  it.each([
    ['-packet-size 200', { packetBytes: 200 }],
    ['--packet-size 200', { packetBytes: 200 }],
    ['-packet-size=200', { packetBytes: 200 }],
    ['--packet-size=200 -packet-size 300', { packetBytes: 300 }],
    ['-packet-size 43', { packetBytes: 43 }],
    ['-ports 1232,1233', { ports: [1232, 1233] }],
    ['-verbose', { live: { rates: true, percentiles: false } }],
    ['-verbose=false -percentiles=T', { live: { rates: false, percentiles: true } }],
    ['-listen-address 127.0.0.1:9', { listen: { host: '127.0.0.1', port: 9 } }],
    ['-listen-address [::1]:9', { listen: { host: '::1', port: 9 } }],
    ['-duration 1m30s', { durationNs: 90e9 }],
    ['-duration +300ms', { durationNs: 0.3e9 }],
    ['-num-conns 1_0', { connections: 10 }],
    ['-num-conns +0x1F', { connections: 31 }],
    ['-num-conns 0B101', { connections: 5 }],
    ['-num-conns 0o17', { connections: 15 }],
    ['-num-conns 0_17', { connections: 15 }],
    ['-cores 3,2', { cores: [3, 2] }],
    ['-rate 100k', { loop: { kind: 'open', perSecond: 100e3, arrival: 'constant', engine: 'auto', checkEvery: 64 } }],
    [
      '-rate 1.5M -arrival poisson -engine live -check-every 1',
      { loop: { kind: 'open', perSecond: 1.5e6, arrival: 'poisson', engine: 'live', checkEvery: 1 } },
    ],
  ])('%s', (line, part) => expect(parse(line)).toMatchObject(part));

  it('-calibrate asks for no server', () => {
    const request = { kind: 'calibrate', engines: ['live'], cores: [1] };
    expect(parse('-calibrate -engine live -cores 1')).toEqual({ ...request, checkEvery: 64 });
    expect(parse('-calibrate -engine live -cores 1 -check-every 0')).toEqual({ ...request, checkEvery: 0 });
  });

  it.each([
    ['-frobnicate', 'flag provided but not defined: -frobnicate'],
    ['-packet-size', 'flag needs an argument: -packet-size'],
    ['---server=x', 'bad flag syntax: ---server=x'],
    ['-=x', 'bad flag syntax: -=x'],
    ['-verbose=maybe', 'invalid boolean value maybe for -verbose'],
    ['server', 'server: stray argument, every choice is a flag (see -h)'],
    ['-- server', 'server: stray argument, every choice is a flag (see -h)'],
    ['-packet-size 42', '-packet-size: 42 is below 43, the smallest frame that holds the headers and a byte'],
    ['-packet-size 59 -rate 1', '-packet-size: 59 is below 60, the smallest frame that holds the headers and a stamp'],
    ['-packet-size 1515', '-packet-size: 1515 is above 1514, the largest frame of an MTU of 1500'],
    ['-packet-size -1', '-packet-size: -1 is below 43, the smallest frame that holds the headers and a byte'],
    ['-packet-size abc', 'invalid value abc for flag -packet-size: parse error'],
    ['-num-conns 08', 'invalid value 08 for flag -num-conns: parse error'],
    ['-num-conns 1__0', 'invalid value 1__0 for flag -num-conns: parse error'],
    ['-num-conns 0x', 'invalid value 0x for flag -num-conns: parse error'],
    ['-num-conns -0x1', '-num-conns: -1 is not a whole number from 1 to 1024'],
    ['-num-conns 4.5', 'invalid value 4.5 for flag -num-conns: parse error'],
    ['-duration never', 'invalid value never for flag -duration: parse error'],
    ['-ports 1232,,1233', '-ports: 1232,,1233 has a blank beside a comma'],
    ['-ports=1232,\u00a01233', '-ports: "1232,\u00a01233" has a blank'],
    ['-ports 1232,1232', '-ports: 1232 is named twice'],
    ['-ports 0', '-ports: 0 is not a whole number from 1 to 65535'],
    ['-num-conns 0', '-num-conns: 0 is not a whole number from 1 to 1024'],
    ['-server 224.0.0.1', '-server: 224.0.0.1 is not the address of one host'],
    ['-server 0.0.0.0', '-server: 0.0.0.0 is not the address of one host'],
    ['-source 255.255.255.255', '-source: 255.255.255.255 is not the address of one host'],
    ['-source here', '-source: here is not an IPv4 address such as 10.0.0.1'],
    ['-calibrate -json x', '-json: -calibrate takes no more than -engine, -cores and -check-every'],
    ['-calibrate -rate 5', '-rate: -calibrate takes no more than -engine, -cores and -check-every'],
    ['-server localhost', '-server: localhost is not an IPv4 address such as 10.0.0.1'],
    ['-function rot13', '-function: rot13 is not one of reverse, echo, expand, upper, sha256, lookup'],
    ['-rate 0', '-rate: 0 is not a whole number of requests a second from 1 to 100M, such as 100k'],
    ['-rate 1.5', '-rate: 1.5 is not a whole number of requests a second from 1 to 100M, such as 100k'],
    ['-rate -5', '-rate: -5 is not a whole number of requests a second from 1 to 100M, such as 100k'],
    ['-rate=', '-rate: "" is not a whole number of requests a second from 1 to 100M, such as 100k'],
    ['-rate NaN', '-rate: NaN is not a whole number of requests a second from 1 to 100M, such as 100k'],
    ['-engine live', '-engine: live needs a -rate, without one the loop is closed and uses plain sockets'],
    ['-arrival poisson', '-arrival: poisson needs a -rate, without one a request follows each reply'],
    ['-rate 1 -engine dpdk', '-engine: dpdk is not one of live, afxdp, sendmmsg, socket, auto'],
    ['-rate 1 -engine live -ports 1,2', '-ports: live sends to one port, not 2 (sendmmsg and socket can)'],
    ['-listen-address 8080', '-listen-address: 8080 is not HOST:PORT or :PORT'],
    ['-listen-address :99999', '-listen-address: port: 99999 is not a whole number from 0 to 65535'],
    ['-duration 20', 'invalid value 20 for flag -duration: parse error'],
    ['-duration 0', '-duration: 0 is not a time from 1ms to 1000h, such as 20m or 1.5s'],
    ['-calibrate -engine dpdk', '-engine: dpdk is not one of live, afxdp, sendmmsg, socket, auto'],
    ['-calibrate -check-every 0', '-check-every: 0 is for -engine live, the others always stamp'],
    ['-rate 1 -check-every 0', '-check-every: 0 is not a whole number from 1 to 1000000'],
    ['-cores 1,1', '-cores: 1 is named twice'],
    ['-server-mac 02:00', '-server-mac: 02:00 is not an address such as 02:00:00:00:00:01'],
  ])('refused: %s', (line, message) => expect(messageOf(line)).toBe(message));

  it.each([
    ['20m', 1200e9],
    ['1h15m30.5s', 4530.5e9],
    ['1.5s', 1.5e9],
    ['.5s', 0.5e9],
    ['100ms', 100e6],
    ['2000us', 2e6],
    ['2000µs', 2e6],
  ])('a duration of %s', (text, ns) => expect(parseGoDuration('-duration', text)).toBe(ns));

  it.each(['', '5', '-1s', '1x', '1s ', 's', '0s', '1e3s', '2000h'])('no duration: "%s"', (text) => {
    expect(() => parseGoDuration('-duration', text)).toThrow(UsageError);
  });
});

describe('the command', () => {
  it.each(['-h', '-help', '--help'])('%s prints the usage', async (flag) => {
    const { code, stdout, stderr } = await run(flag);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage of loadgen:\n/);
    expect(stdout).toContain('  -server string\n    \tIPv4 address of the server (default "10.0.0.10")\n');
    expect(stdout).toContain(
      '  -packet-size int\n    \tframe size in bytes, 42 bytes of headers included (default 800)\n',
    );
  });

  it('answers what Go refuses with a line and the usage, a wrong value with a line', async () => {
    const unknown = await run('-frobnicate');
    expect([unknown.code, unknown.stderr.split('\n').slice(0, 2)]).toEqual([
      2,
      ['loadgen: flag provided but not defined: -frobnicate', 'Usage of loadgen:'],
    ]);
    const wrong = await run('-rate 0');
    expect([wrong.code, wrong.stderr.split('\n').length]).toEqual([2, 2]);
  });

  it.each([
    ['-cores 9', /^loadgen: -cores: this process may not use CPU 9, only 0, 1\n$/],
    ['-json /proc/nope/x', /^loadgen: -json: \/proc\/nope\/x cannot be written \(its folder is missing, ENOENT\)\n$/],
    ['-json /proc', /^loadgen: -json: \/proc cannot be written \(EISDIR\)\n$/],
  ])('%s is wrong usage', async (line, message) => {
    const { code, stderr } = await run(line);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('does not wait for somebody to read a pipe', async () => {
    const pipe = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const { code, stderr } = await run(`-server 127.0.0.1 -json ${pipe}`);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^loadgen: -json: .* \(nobody reads that pipe, ENXIO\)\n$/),
    ]);
  });

  it('leaves an old result alone where there is none to take its place', async () => {
    const file = join(temporaryFolder(), 'result.json');
    writeFileSync(file, 'old');
    const port = await freePort();
    const { code } = await run(`-server 127.0.0.1 -listen-address 127.0.0.1:0 -ports ${port} -json ${file}`);
    expect(code).toBe(1);
    expect(readdirSync(dirname(file))).toEqual(['result.json']);
    expect(readFileSync(file, 'utf8')).toBe('old');
  });

  it('names the metrics port that somebody has', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await run(`-server 127.0.0.1 -listen-address 127.0.0.1:${port}`);
    expect(stderr).toMatch(/^loadgen: cannot serve metrics at .*somebody has that port.*EADDRINUSE\n$/);
    expect(code).toBe(1);
  });

  it('says what was heard of a server that does not answer', async () => {
    const port = await freePort();
    const { code, stderr } = await run(`-server 127.0.0.1 -listen-address 127.0.0.1:0 -ports ${port}`);
    expect(stderr).toMatch(
      new RegExp(
        `^loadgen: 127\\.0\\.0\\.1 UDP port ${port} does not answer: heard ICMP port unreachable \\(ECONNREFUSED\\) after 20 requests; it is an address of this machine, which UDP sockets alone serve: [^\n]*\n$`,
      ),
    );
    expect(code).toBe(1);
  });

  it('says that there is no way over an interface that is missing', async () => {
    const { code, stderr } = await run('-server 127.0.0.1 -interface nope0 -listen-address 127.0.0.1:0');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^loadgen: no route to 127\.0\.0\.1: ip route get .*nope0/),
    ]);
  });
});

describe('a load', () => {
  /** Answers with the payload reversed. */
  async function reverser(spoil: (reply: Buffer, count: number) => Buffer | Buffer[] | null = (reply) => reply) {
    const socket = await listeningSocket();
    let count = 0;
    socket.on('message', (message, { port, address }) => {
      const reply = spoil(Buffer.from(message).reverse(), ++count);
      for (const each of reply === null ? [] : [reply].flat()) socket.send(each, port, address);
    });
    onTestFinished(() => void socket.close());
    return socket.address().port;
  }

  const base = '-server 127.0.0.1 -listen-address 127.0.0.1:0';

  it('in a closed loop sends what the published client sends, and sums up', async () => {
    const payloads = new Set<string>();
    const port = await reverser((reply) => {
      payloads.add(Buffer.from(reply).reverse().toString());
      return reply;
    });
    const folder = temporaryFolder();
    const file = join(folder, 'result.json');
    writeFileSync(file, 'old');
    const link = join(folder, 'link.json');
    symlinkSync(file, link);
    const { code, stdout, stderr } = await run(`${base} -ports ${port} -packet-size 100 -duration 300ms -json ${link}`);
    expect([code, stderr]).toEqual([0, '']);
    const digits = Array.from({ length: 58 }, (_, i) => (i + 42) % 10).join('');
    expect([...payloads]).toEqual([digits]);
    expect(readdirSync(folder).sort()).toEqual(['link.json', 'result.json']);
    const result = JSON.parse(readFileSync(file, 'utf8'));
    expect(result).toMatchObject({ schemaVersion: 1, engines: ['closed loop by sockets'], lagNs: null, losses: [] });
    expect(result.counters.replied).toBe(result.counters.sent);
    expect(result.latencyNs.p50).toBeGreaterThan(1000);
    expect(result.histogram.reduce((sum: number, [, n]: [number, number]) => sum + n, 0)).toBe(result.counters.replied);
    expect(stdout).toMatch(/closed loop, 4 connections a port; checks every reply; metrics on port \d+\n/);
  });

  it('in an open loop tells wrong, duplicated and lost replies apart', async () => {
    const faults = { wrong: 0, long: 0, twice: 0, lost: 0 };
    const port = await reverser((reply, count) => {
      if (count < 5 || count % 10 > 2) return reply;
      if (count % 10 === 0) {
        faults.wrong++;
        reply[0] = (reply[0] as number) ^ 1;
        return reply;
      }
      if (count % 10 === 1 && count % 20 === 1) {
        faults.twice++;
        return [reply, reply];
      }
      if (count % 10 === 1) {
        faults.long++;
        return Buffer.concat([reply, reply]);
      }
      faults.lost++;
      return null;
    });
    const file = join(temporaryFolder(), 'result.json');
    const line = `${base} -ports ${port} -packet-size 100 -duration 500ms -rate 1k -engine socket -json ${file}`;
    const { code, stderr } = await run(line);
    expect([code, stderr]).toEqual([0, '']);
    const { counters, losses } = JSON.parse(readFileSync(file, 'utf8'));
    expect(counters).toMatchObject({
      wrongContent: faults.wrong,
      wrongLength: faults.long,
      duplicates: faults.twice,
      late: 0,
    });
    expect(losses).toEqual([
      { name: 'wrong length', count: faults.long },
      { name: 'wrong content', count: faults.wrong },
      { name: 'lost on the way or by the server', count: faults.lost },
    ]);
  });

  it('gives its result to who reads a pipe', async () => {
    const port = await reverser();
    const pipe = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = execa('cat', [pipe]);
    // Until somebody reads it, the pipe is refused.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { code, stderr } = await run(`${base} -ports ${port} -duration 200ms -json ${pipe}`);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse((await reader).stdout)).toMatchObject({ schemaVersion: 1 });
  });

  it('says that a result cannot be kept, after it was printed', async () => {
    const port = await reverser();
    const { code, stdout, stderr } = await run(`${base} -ports ${port} -duration 100ms -json /dev/full`);
    expect([code, stderr]).toEqual([1, 'loadgen: -json: /dev/full cannot be written (ENOSPC)\n']);
    expect(stdout).toMatch(/\d+ right responses/);
  });

  it('ends at a signal with what it has', async () => {
    const port = await reverser();
    const signals = new EventEmitter();
    setTimeout(() => signals.emit('SIGINT'), 400);
    const { code, stdout } = await run(`${base} -ports ${port} -verbose`, { signals });
    expect(code).toBe(130);
    expect(stdout).toMatch(/\d+ requests, \d+ right responses in 0\.\d s/);
  });
});
