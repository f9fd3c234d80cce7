import { describe, expect, it } from 'vitest';
import { UsageError } from '../../common/cli/errors.js';
import { settingFlags, settingKeys } from '../../common/cli/settings.js';
import { parseInvokerOptions } from '../../impls/stand-alone/options.js';
import { usage } from '../../impls/stand-alone/usage.js';
import { implementations } from '../../impls/table.js';
import { functionIds, implementationIds } from '../../model/ids.js';

/** Eight RX queues and four TX queues on eth0, one of both on others. */
const countQueues = (name: string) => (name === 'eth0' ? { rx: 8, tx: 4 } : { rx: 1, tx: 1 });
const parse = (line: string) => parseInvokerOptions(line.split(' ').filter(Boolean), countQueues);

const reverse = { port: 1232, functionId: 'reverse', threadsPerQueue: 1 };
const defaults = {
  ...{ interface: '', address: '', services: [reverse], queues: 1, servedRxQueues: 0, cpus: [-1] },
  ...{ maxThreadsPerQueue: 1, idle: 'poll', settings: {} },
};
const refused = (line: string, message: string) => expect(() => parse(line)).toThrow(new UsageError(message));

describe('parseInvokerOptions', () => {
  it.each<[string, string, object]>([
    ['--impl dgram', 'dgram', {}],
    ['--impl recvfrom --interface lo', 'recvfrom', { interface: 'lo' }],
    ['--impl recvfrom --threads 1 --queues 1', 'recvfrom', {}],
    ['--impl dgram --address 10.0.0.1', 'dgram', { address: '10.0.0.1' }],
    [
      '--impl afxdp --interface a --address 10.0.0.1',
      'afxdp',
      { interface: 'a', address: '10.0.0.1', maxThreadsPerQueue: 4 },
    ],
    ['--impl dgram --port 65535', 'dgram', { services: [{ ...reverse, port: 65535 }] }],
    ['--impl dgram --function echo', 'dgram', { services: [{ ...reverse, functionId: 'echo', port: 1233 }] }],
    ['--impl dgram --function echo --port 7', 'dgram', { services: [{ ...reverse, functionId: 'echo', port: 7 }] }],
    [
      '--impl recvmmsg --threads 2 --cpus 3,1',
      'recvmmsg',
      { services: [{ ...reverse, threadsPerQueue: 2 }], cpus: [3, 1], maxThreadsPerQueue: 4 },
    ],
    ['--impl recvmmsg --cpus 0', 'recvmmsg', { cpus: [0], maxThreadsPerQueue: 4 }],
    ['--impl recvmmsg --cpus 0,1,2,3', 'recvmmsg', { cpus: [0, 1, 2, 3], maxThreadsPerQueue: 4 }],
    ['--impl recvmmsg --cpus 4095,1 --max-threads 2', 'recvmmsg', { cpus: [4095, 1], maxThreadsPerQueue: 2 }],
    [
      '--impl=afxdp --interface=eth0 --threads=4 --queues=2 --idle=spin',
      'afxdp',
      {
        ...{ interface: 'eth0', services: [{ ...reverse, threadsPerQueue: 2 }], queues: 2, cpus: [-1, -1, -1, -1] },
        ...{ servedRxQueues: 2, maxThreadsPerQueue: 4, idle: 'spin' },
      },
    ],
  ])('%s', (line, id, options) => {
    const rest = { metrics: null, output: 'text', stats: 'off' };
    expect(parse(line)).toEqual({ kind: 'serve', id, ...rest, options: { ...defaults, ...options } });
  });

  it.each<[string, { threadsPerQueue: number; queues: number; servedRxQueues: number }]>([
    ['afxdp --interface eth0', { threadsPerQueue: 1, queues: 1, servedRxQueues: 0 }],
    ['afxdp --interface eth0 --threads 2', { threadsPerQueue: 1, queues: 2, servedRxQueues: 0 }],
    ['afxdp --interface eth0 --threads 6', { threadsPerQueue: 2, queues: 3, servedRxQueues: 0 }],
    ['afxdp --interface eth0 --threads 7', { threadsPerQueue: 7, queues: 1, servedRxQueues: 0 }],
    ['afxdp --interface eth0 --threads 8', { threadsPerQueue: 2, queues: 4, servedRxQueues: 0 }],
    ['afxdp --interface eth0 --queues 1', { threadsPerQueue: 1, queues: 1, servedRxQueues: 1 }],
    ['afxdp --interface eth1 --queues 1', { threadsPerQueue: 1, queues: 1, servedRxQueues: 0 }],
    ['afxdp --interface eth0 --functions 1=reverse:3', { threadsPerQueue: 3, queues: 1, servedRxQueues: 0 }],
    ['xdp --interface eth0', { threadsPerQueue: 1, queues: 8, servedRxQueues: 0 }],
    ['xdp --interface eth0 --threads 2 --queues 2', { threadsPerQueue: 1, queues: 2, servedRxQueues: 2 }],
    ['recvmmsg --interface eth0 --threads 2', { threadsPerQueue: 2, queues: 1, servedRxQueues: 0 }],
  ])('without --queues all RX queues are served: %s', (line, { threadsPerQueue, ...queues }) => {
    expect(parse(`--impl ${line}`)).toMatchObject({ options: { ...queues, services: [{ threadsPerQueue }] } });
  });

  it('--functions has threads a queue for each, and a CPU for each of them', () => {
    const services = [
      { ...reverse, threadsPerQueue: 2 },
      { port: 1300, functionId: 'echo', threadsPerQueue: 1 },
    ];
    expect(parse('--impl recvmmsg --functions 1232=reverse:2,1300=echo --queues 2')).toMatchObject({
      options: { services, queues: 2, cpus: [-1, -1, -1, -1, -1, -1] },
    });
  });

  it.each([
    ['recvmmsg --threads 3', 4],
    ['recvmmsg --threads 6', 6],
    ['recvmmsg --functions 1=echo:5,2=echo', 5],
    ['recvmmsg --max-threads 1', 1],
    ['recvmmsg --threads 2 --max-threads 2', 2],
    ['dgram --threads 3', 3],
    ['recvfrom', 1],
  ])('--impl %s can be scaled to %i threads a queue', (line, maxThreadsPerQueue) => {
    expect(parse(`--impl ${line}`)).toMatchObject({ options: { maxThreadsPerQueue } });
  });

  it.each([
    ['--impl recvmmsg --batch 1', { batch: 1 }],
    ['--impl recvmmsg --batch 1024 --steering port --gro on', { batch: 1024, steering: 'port', gro: 'on' }],
    ['--impl recvfrom --buffer 4M --busy-poll 0', { socketBufferBytes: 4 << 20, busyPollUs: 0 }],
    ['--impl recvfrom --buffer 256k --busy-poll 1000', { socketBufferBytes: 256 << 10, busyPollUs: 1000 }],
    ['--impl recvfrom --buffer 65536', { socketBufferBytes: 65536 }],
    ['--impl iouring --steering port --depth 64', { steering: 'port', depthPackets: 64 }],
    ['--impl dgram --depth 32768 --buffer 1M', { depthPackets: 32768, socketBufferBytes: 1 << 20 }],
    ['--impl recvmmsg --delay 200ns', { delayNs: 200 }],
    ['--impl dgram --delay 1ms', { delayNs: 1e6 }],
    ['--impl afxdp --interface a --ring-size 64 --frame-size 4096', { ringSize: 64, frameSize: 4096 }],
    ['--impl afxdp --interface a --ring-size 32768 --batch 1024', { ringSize: 32768, batch: 1024 }],
    ['--impl afxdp --interface a --attach skb --copy-mode auto', { attach: 'skb', copyMode: 'auto' }],
    ['--impl afxdp --interface a --tx-budget 32 --loop 2018', { txBudget: 32, loop: '2018' }],
    ['--impl afxdp --interface a --checksum offload --huge-pages on', { checksum: 'offload', hugePages: 'on' }],
  ])('%s', (line, settings) => expect(parse(line)).toMatchObject({ options: { settings } }));

  it.each([
    ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
    ['localhost:1', { host: 'localhost', port: 1 }],
    ['::1:9464', { host: '::1', port: 9464 }],
    ['[::1]:9464', { host: '::1', port: 9464 }],
  ])('--metrics %s', (address, metrics) => {
    expect(parse(`--impl dgram --metrics ${address}`)).toMatchObject({ metrics });
  });

  it('--json and --stats', () => {
    expect(parse('--impl dgram --json --stats')).toMatchObject({ output: 'json', stats: 'on' });
  });

  it.each(['--help', '-h', '--impl nonsense --help', '--frobnicate --help'])('%s asks for help', (line) => {
    expect(parse(line)).toEqual({ kind: 'help' });
  });
});

describe('refused are', () => {
  it.each([
    ['', `--impl: is needed, one of ${implementationIds.join(', ')}`],
    ['--impl netmap', `--impl: netmap is not one of ${implementationIds.join(', ')}`],
    ['--impl dgram --function rot13', '--function: rot13 is not one of reverse, echo, expand, upper, sha256, lookup'],
    ['--impl dgram --port 0', '--port: 0 is not a whole number from 1 to 65535'],
    ['--impl dgram --port 65536', '--port: 65536 is not a whole number from 1 to 65535'],
    ['--impl dgram --port 1e3', '--port: 1e3 is not a whole number from 1 to 65535'],
    ['--impl dgram --port -1', '--port: -1 is not a whole number from 1 to 65535'],
    ['--impl dgram --threads 0', '--threads: 0 is not a whole number from 1 to 64'],
    ['--impl dgram --threads 65', '--threads: 65 is not a whole number from 1 to 64'],
    ['--impl dgram --threads 1.5', '--threads: 1.5 is not a whole number from 1 to 64'],
    ['--impl recvmmsg --queues 0', '--queues: 0 is not a whole number from 1 to 64'],
    ['--impl recvmmsg --threads 3 --queues 2', '--threads: 3 is not a multiple of --queues 2'],
    ['--impl recvmmsg --queues 2', '--threads: 1 is not a multiple of --queues 2'],
    ['--impl recvfrom --threads 2', '--threads: recvfrom has one thread a function, not 2'],
    ['--impl recvfrom --functions 1=echo:2', '--functions: recvfrom has one thread a function, not 2'],
    ['--impl recvfrom --functions 1=echo --queues 2', '--functions: recvfrom has one thread a function, not 2'],
    ['--impl xdp --interface a --function upper', '--function: upper is not available inside eBPF'],
    ['--impl xdp --interface a --functions 1=echo,2=expand', '--functions: expand is not available inside eBPF'],
    ['--impl xdp --interface a --threads 2', /^--threads: xdp has no threads of its own: it runs in the receive/],
    ['--impl xdp --interface a --functions 1=echo:2', /^--functions: xdp has no threads of its own/],
    ['--impl xdp --interface a --cpus 0', '--cpus: xdp has no threads of its own to pin'],
    ['--impl xdp --interface a --max-threads 2', '--max-threads: xdp has a fixed number of threads'],
    ['--impl xdp', '--interface: xdp needs one'],
    ['--impl afxdp', '--interface: afxdp needs one'],
    ['--impl dgram --interface abcdefghijklmnop', /^--interface: abc.*15 characters/],
    ['--impl dgram --interface a/b', /^--interface: a\/b is no name/],
    ['--impl dgram --address 10.0.0', '--address: 10.0.0 is not an IPv4 address such as 10.0.0.1'],
    ['--impl dgram --address ::1', '--address: ::1 is not an IPv4 address such as 10.0.0.1'],
    ['--impl dgram --cpus 0,1', '--cpus: 2 CPUs for 1 thread, each needs one'],
    [
      '--impl recvmmsg --threads 2 --cpus 0',
      '--cpus: 1 CPU for 2 threads, each needs one (4 with those that --max-threads lets add)',
    ],
    [
      '--impl afxdp --interface a --queues 2 --functions 1=echo,2=echo:2 --max-threads 3 --cpus 0,1,2,3,4,5,6',
      '--cpus: 7 CPUs for 6 threads, each needs one (12 with those that --max-threads lets add)',
    ],
    ['--impl dgram --functions 1=echo,2=echo:2 --cpus 0,1,2,3', '--cpus: 4 CPUs for 3 threads, each needs one'],
    ['--impl recvmmsg --threads 2 --cpus 0,', '--cpus: "" is not a whole number from 0 to 4095'],
    ['--impl dgram --cpus 0-3', '--cpus: 0-3 is not a whole number from 0 to 4095'],
    ['--impl dgram --cpus 4096', '--cpus: 4096 is not a whole number from 0 to 4095'],
    ['--impl dgram --metrics 9464', '--metrics: 9464 is not HOST:PORT'],
    ['--impl dgram --metrics :9464', '--metrics: :9464 is not HOST:PORT'],
    ['--impl dgram --metrics lo:', '--metrics: lo: is not HOST:PORT'],
    ['--impl dgram --metrics lo:0', '--metrics: 0 is not a whole number from 1 to 65535'],
    ['--impl dgram --idle spin', '--idle: dgram has no choice, its threads block in the kernel'],
    ['--impl iouring --idle adaptive', '--idle: adaptive is not one of spin, poll'],
    ['--impl afxdp --interface a --idle never', '--idle: never is not one of spin, poll, adaptive'],
  ])('%s', (line, message) =>
    expect(() => parse(line)).toThrow(typeof message === 'string' ? new UsageError(message) : message),
  );

  it.each([
    ['1232', '--functions: 1232 is not PORT=NAME or PORT=NAME:THREADS'],
    ['1232=echo:1:2', '--functions: 1232=echo:1:2 is not PORT=NAME or PORT=NAME:THREADS'],
    ['1232=echo,', '--functions: "" is not PORT=NAME or PORT=NAME:THREADS'],
    ['0=echo', '--functions: port: 0 is not a whole number from 1 to 65535'],
    ['1232=rot13', '--functions: rot13 is not one of reverse, echo, expand, upper, sha256, lookup'],
    ['1232=echo:0', '--functions: threads a queue: 0 is not a whole number from 1 to 64'],
    ['1232=echo:', '--functions: threads a queue: "" is not a whole number from 1 to 64'],
    ['1232=echo,1300=echo,1232=reverse', '--functions: port 1232 has two functions'],
    ['1=echo:40,2=echo:40', '--functions: 80 threads in all are more than 64'],
  ])('--functions %s', (list, message) => refused(`--impl recvmmsg --functions ${list}`, message));

  it.each(['--port 7', '--function echo', '--threads 2'])('--functions beside %s', (other) => {
    const [option] = other.split(' ');
    const message = `${option}: --functions says it for each function, give one of the two`;
    refused(`--impl dgram --functions 7=echo ${other}`, message);
    refused(`--impl dgram ${other} --functions 7=echo`, message);
  });

  it.each([
    ['recvmmsg --batch 0', '--batch: 0 is not a whole number from 1 to 1024'],
    ['recvmmsg --batch 1025', '--batch: 1025 is not a whole number from 1 to 1024'],
    ['recvmmsg --delay 1001us', '--delay: 1001us is above the most, 1ms'],
    ['recvmmsg --delay 5', '--delay: 5 is not a time such as 2s, 500ms or 1m'],
    ['recvmmsg --depth 1000', '--depth: 1000 is not a power of two from 64 to 32768'],
    [
      'xdp --interface a --delay 5us',
      '--delay: xdp has no such setting, only dgram, recvfrom, recvmmsg, iouring, afpacket, afxdp, dpdk, dpdk-packet',
    ],
    ['recvmmsg --busy-poll 1001', '--busy-poll: 1001 is not a whole number from 0 to 1000'],
    ['recvmmsg --buffer 4X', '--buffer: 4X is not a number of bytes from 4k to 1G, such as 4M, 256k or 65536'],
    ['recvmmsg --buffer 2G', '--buffer: 2G is not a number of bytes from 4k to 1G, such as 4M, 256k or 65536'],
    ['recvmmsg --buffer 4095', '--buffer: 4095 is not a number of bytes from 4k to 1G, such as 4M, 256k or 65536'],
    ['recvmmsg --steering random', '--steering: random is not one of hash, port'],
    ['recvmmsg --gro yes', '--gro: yes is not one of on, off'],
    ['afxdp --interface a --ring-size 100', '--ring-size: 100 is not a power of two from 64 to 32768'],
    ['afxdp --interface a --ring-size 32', '--ring-size: 32 is not a power of two from 64 to 32768'],
    ['afxdp --interface a --ring-size 65536', '--ring-size: 65536 is not a power of two from 64 to 32768'],
    ['afxdp --interface a --frame-size 1024', '--frame-size: 1024 is not one of 2048, 4096'],
    ['afxdp --interface a --attach hardware', '--attach: hardware is not one of native, skb'],
    ['afxdp --interface a --copy-mode zero', '--copy-mode: zero is not one of copy, zerocopy, auto'],
    ['afxdp --interface a --checksum none', '--checksum: none is not one of zero, offload, full'],
    ['afxdp --interface a --tx-budget 31', '--tx-budget: 31 is not a whole number from 32 to 32768'],
    ['afxdp --interface a --loop 2019', '--loop: 2019 is not one of current, 2018'],
    ['afxdp --interface a --huge-pages 1', '--huge-pages: 1 is not one of on, off'],
    ['iouring --batch 128 --depth 64', '--batch: 128 is more than the 64 requests that may wait (see --depth)'],
    [
      'afxdp --interface a --batch 128 --ring-size 64',
      '--batch: 128 is more than the 64 entries of a ring (see --ring-size)',
    ],
    ['dgram --max-threads 2', '--max-threads: dgram has a fixed number of threads'],
    ['recvmmsg --max-threads 0', '--max-threads: 0 is not a whole number from 1 to 64'],
    ['recvmmsg --threads 3 --max-threads 2', '--max-threads: 2 is less than the 3 a queue asked for'],
  ])('--impl %s', (line, message) => refused(`--impl ${line}`, message));

  const foreign = settingKeys.filter((key) => implementations.dgram.settings[key] === undefined);
  it.each(foreign.map((key) => settingFlags[key].name))('--%s where an implementation does not have it', (name) => {
    const message = new RegExp(`^--${name}: dgram has no such setting, only .*(recvmmsg|afxdp|dpdk)`);
    expect(() => parse(`--impl dgram --${name} 64`)).toThrow(message);
  });

  it.each([
    ['--impl dgram --frobnicate', '--frobnicate: unknown option (see --help)'],
    ['--impl dgram --no-json', '--no-json: unknown option (see --help)'],
    ['--impl dgram -p 1', '-p: unknown option (see --help)'],
    ['--impl dgram stray', 'stray: stray argument, every choice is an option (see --help)'],
    ['--impl dgram -- stray', 'stray: stray argument, every choice is an option (see --help)'],
    ['--impl', '--impl: needs a value'],
    ['--impl=', '--impl: needs a value'],
    ['--impl --port 1', '--impl: needs a value, but --port follows'],
    ['--impl dgram --json=yes', '--json: takes no value, not yes'],
    ['--impl dgram --impl afxdp', '--impl: given twice, dgram and afxdp'],
    ['--impl dgram --port 1 --port 1', '--port: given twice, 1 and 1'],
    ['--impl dgram --stats --stats', '--stats: given twice'],
  ])('%s', refused);

  it.each([
    ['--impl', 'a\nb'],
    ['--impl', 'x'.repeat(1000)],
    ['--interface', 'a\nb'],
    [`--${'x'.repeat(1000)}`, ''],
    ['--a\nb', ''],
    ['a\nb', ''],
  ])('with one short line: %j %j', (...argv) => {
    const message = expect.stringMatching(/^[^\n]{10,200}$/);
    expect(() => parseInvokerOptions(argv, countQueues)).toThrow(expect.objectContaining({ message }));
  });
});

describe('usage', () => {
  const settings = settingKeys.map((key) => `--${settingFlags[key].name} `);
  const others = [
    '--functions',
    '--cpus',
    '--max-threads',
    '--metrics',
    '--json',
    '--stats',
    'SIGUSR1',
    'scale PORT N',
  ];
  it.each([...implementationIds, ...functionIds, ...settings, ...others])('names %s', (word) => {
    expect(usage).toContain(word);
  });

  it('has the defaults of each implementation', () => {
    const text = usage.replace(/\s+/g, ' ');
    expect(text).toMatch(/--buffer [^()]*\(dgram, recvfrom, recvmmsg[^)]*: for the depth\)/);
    expect(text).toMatch(/--attach [^()]*\(afxdp[^)]*: native\)/);
  });

  it('fits 100 columns', () => expect(usage.split('\n').filter((line) => line.length > 100)).toEqual([]));
});
