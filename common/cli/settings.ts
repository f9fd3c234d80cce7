import type { ImplementationSettings } from '../../model/settings.js';
import { mostWorkNs } from '../../model/work.js';
import {
  formatBytes,
  formatDuration,
  parseBytes,
  parseChoice,
  parseDuration,
  parsePowerOfTwo,
  parseWhole,
  parseWord,
} from './values.js';

/** How one setting is written on the command line. */
export interface SettingFlag<Value> {
  /** Without the dashes. */
  name: string;
  /** What stands for the value in the help. */
  value: string;
  help: string;
  /** Throws UsageError. */
  parse(option: string, text: string): Value;
  print?(value: Value): string;
}

/** A setting that is one of a few words. */
function choice<Word extends string>(name: string, help: string, ...words: Word[]): SettingFlag<Word> {
  return {
    name,
    value: 'MODE',
    help: `${words.join(', ')}: ${help}`,
    parse: (option, text) => parseChoice(option, text, words),
  };
}

/** The flag of every setting that an implementation may have. */
export const settingFlags: { [Key in keyof ImplementationSettings]: SettingFlag<ImplementationSettings[Key]> } = {
  batch: {
    name: 'batch',
    value: 'N',
    help: 'requests taken at once, 1 to 1024',
    parse: (option, text) => parseWhole(option, text, 1, 1024),
  },
  workNs: {
    name: 'work',
    value: 'TIME',
    help: 'computes on each payload for that long, in steps: 300ns, 10us, at most 100us',
    parse: (option, text) => parseDuration(option, text, { minNs: 0, maxNs: mostWorkNs }),
    print: formatDuration,
  },
  delayNs: {
    name: 'delay',
    value: 'TIME',
    help: 'keeps a thread busy after each request: 200ns, 5us, at most 1ms',
    parse: (option, text) => parseDuration(option, text, { minNs: 0, maxNs: 1e6 }),
    print: formatDuration,
  },
  depthPackets: {
    name: 'depth',
    value: 'N',
    help: 'requests that may wait for a thread, a power of two from 64 to 32768',
    parse: (option, text) => parsePowerOfTwo(option, text, 64, 32768),
  },
  busyPollUs: {
    name: 'busy-poll',
    value: 'US',
    help: 'microseconds of SO_BUSY_POLL, 0 (none) to 1000; veth ignores it',
    parse: (option, text) => parseWhole(option, text, 0, 1000),
  },
  socketBufferBytes: {
    name: 'buffer',
    value: 'BYTES',
    help: 'receive and send buffer of each socket, 4k to 1G, instead of one for the depth',
    parse: (option, text) => parseBytes(option, text, 4 << 10, 1 << 30),
    print: (bytes) => (bytes === 0 ? 'for the depth' : formatBytes(bytes)),
  },
  steering: choice(
    'steering',
    'which of the sockets on a port gets a request: by flow, by source port',
    'hash',
    'port',
  ),
  gro: choice('gro', 'many datagrams of a flow in one message', 'on', 'off'),
  ringSize: {
    name: 'ring-size',
    value: 'N',
    help: 'entries of TX and completion rings, a power of two from 64 to 32768, at least the batch',
    parse: (option, text) => parsePowerOfTwo(option, text, 64, 32768),
  },
  frameSize: {
    name: 'frame-size',
    value: 'BYTES',
    help: '2048, 4096: a chunk of the UMEM',
    parse: (option, text) => Number(parseChoice(option, text, ['2048', '4096'])),
  },
  attach: choice('attach', 'where the XDP program runs: in the driver, behind it', 'native', 'skb'),
  copyMode: choice('copy-mode', 'whether the kernel copies packets to the UMEM', 'copy', 'zerocopy', 'auto'),
  checksum: choice('checksum', "a reply's UDP checksum: none, left to the device, computed", 'zero', 'offload', 'full'),
  hugePages: choice('huge-pages', 'UMEM on huge pages of 2 MiB, where there are any', 'on', 'off'),
  txBudget: {
    name: 'tx-budget',
    value: 'N',
    help: 'frames that one system call may send, from Linux 6.17 on, 32 to 32768',
    parse: (option, text) => parseWhole(option, text, 32, 32768),
  },
  dpdkVdev: {
    name: 'dpdk-vdev',
    value: 'DEVICE',
    help: 'net_af_xdp, another device as --vdev of DPDK takes it, or a PCI address',
    parse: parseWord,
  },
  loop: choice('loop', 'the loop of the published experiment stalls, as it did then', 'current', '2018'),
};

export const settingKeys = Object.keys(settingFlags) as (keyof ImplementationSettings)[];
