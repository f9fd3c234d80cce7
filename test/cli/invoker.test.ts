import { describe, expect, it } from 'vitest';
import { functionIds, implementationIds } from '../../harness/model.js';
import { OptionError, parseInvokerOptions, usage } from '../../impls/options.js';

const parse = (line: string) => parseInvokerOptions(line.split(' ').filter(Boolean));

const defaults = { interface: '', functionId: 'reverse', port: 1232, threads: 1, queues: 1, cpus: [-1], idle: 'poll' };

describe('parseInvokerOptions', () => {
  it.each<[string, string, object]>([
    ['--impl dgram', 'dgram', {}],
    ['--impl recvfrom --interface lo', 'recvfrom', { interface: 'lo' }],
    ['--impl recvmmsg --threads 3', 'recvmmsg', { threads: 3, cpus: [-1, -1, -1] }],
    ['--impl recvmmsg --threads 2 --cpus 3,1', 'recvmmsg', { threads: 2, cpus: [3, 1] }],
    ['--impl recvmmsg --cpus 0', 'recvmmsg', { cpus: [0] }],
    ['--impl dgram --function echo', 'dgram', { functionId: 'echo', port: 1233 }],
    ['--impl dgram --function echo --port 7', 'dgram', { functionId: 'echo', port: 7 }],
    ['--impl dgram --port 65535', 'dgram', { port: 65535 }],
    [
      '--impl=afxdp --interface=eth0 --threads=4 --queues=2 --idle=spin',
      'afxdp',
      { interface: 'eth0', threads: 4, queues: 2, cpus: [-1, -1, -1, -1], idle: 'spin' },
    ],
    ['--impl recvfrom --threads 1 --queues 1', 'recvfrom', {}],
  ])('%s', (line, id, options) => {
    expect(parse(line)).toEqual({ kind: 'serve', id, metrics: null, options: { ...defaults, ...options } });
  });

  it.each([
    ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
    ['localhost:1', { host: 'localhost', port: 1 }],
    ['::1:9464', { host: '::1', port: 9464 }],
  ])('--metrics %s', (address, metrics) => {
    expect(parse(`--impl dgram --metrics ${address}`)).toMatchObject({ kind: 'serve', metrics });
  });

  it.each([
    ['', '--impl: it is missing; it is one of dgram, recvfrom, recvmmsg, iouring, afxdp'],
    ['--impl dpdk', '--impl: "dpdk" is not one of dgram, recvfrom, recvmmsg, iouring, afxdp'],
    ['--impl dgram --function rot13', '--function: "rot13" is not one of reverse, echo'],
    ['--impl dgram --idle never', '--idle: "never" is not one of spin, poll'],
    ['--impl dgram --port 0', '--port: "0" is not a whole number from 1 to 65535'],
    ['--impl dgram --port 65536', '--port: "65536" is not a whole number from 1 to 65535'],
    ['--impl dgram --port 1e3', '--port: "1e3" is not a whole number from 1 to 65535'],
    ['--impl dgram --port=', '--port: "" is not a whole number from 1 to 65535'],
    ['--impl dgram --threads 0', '--threads: "0" is not a whole number from 1 to 64'],
    ['--impl dgram --threads 65', '--threads: "65" is not a whole number from 1 to 64'],
    ['--impl dgram --threads=-1', '--threads: "-1" is not a whole number from 1 to 64'],
    ['--impl dgram --threads 1.5', '--threads: "1.5" is not a whole number from 1 to 64'],
    ['--impl recvmmsg --queues 0', '--queues: "0" is not a whole number from 1 to 64'],
    ['--impl recvmmsg --threads 3 --queues 2', '--threads: 3 is not a multiple of --queues 2'],
    ['--impl recvmmsg --queues 2', '--threads: 1 is not a multiple of --queues 2'],
    ['--impl recvfrom --threads 2', '--threads: recvfrom has one thread, not 2'],
    ['--impl afxdp', '--interface: afxdp needs one'],
    ['--impl dgram --cpus 0,1', '--cpus: 2 CPUs for 1 threads'],
    ['--impl recvmmsg --threads 2 --cpus 0', '--cpus: 1 CPUs for 2 threads'],
    ['--impl recvmmsg --threads 2 --cpus 0,', '--cpus: "" is not a whole number from 0 to 4095'],
    ['--impl dgram --cpus 4096', '--cpus: "4096" is not a whole number from 0 to 4095'],
    ['--impl dgram --metrics 9464', '--metrics: "9464" is not HOST:PORT'],
    ['--impl dgram --metrics :9464', '--metrics: ":9464" is not HOST:PORT'],
    ['--impl dgram --metrics lo:', '--metrics: "lo:" is not HOST:PORT'],
    ['--impl dgram --metrics lo:0', '--metrics: "0" is not a whole number from 1 to 65535'],
    ['--impl dgram --metrics lo:99999', '--metrics: "99999" is not a whole number from 1 to 65535'],
    ['--impl dgram --cpus 0-3', '--cpus: "0-3" is not a whole number from 0 to 4095'],
  ])('refuses %s', (line, message) => expect(() => parse(line)).toThrow(new OptionError(message)));

  it.each([
    ['--impl dgram --frobnicate', '--frobnicate'],
    ['--impl dgram stray', 'stray'],
    ['--impl', '--impl'],
    ['--impl --port 1', '--impl'],
    ['--impl dgram --port -1', '--port'],
  ])('refuses %s in one line that names it', (line, named) => {
    const refusal = expect.objectContaining({ message: expect.stringMatching(new RegExp(`^.*${named}.*$`)) });
    expect(() => parse(line)).toThrow(refusal);
    expect(() => parse(line)).toThrow(OptionError);
  });

  it.each(['--help', '-h', '--impl nonsense --help'])('%s asks for help', (line) => {
    expect(parse(line)).toEqual({ kind: 'help' });
  });
});

describe('usage', () => {
  it.each([...implementationIds, ...functionIds, '--cpus', '--port', '--idle', '--metrics'])('names %s', (word) => {
    expect(usage).toContain(word);
  });

  it('fits 100 columns', () => expect(usage.split('\n').filter((line) => line.length > 100)).toEqual([]));
});
