import { type Tuning, type TuningKey, tuningKeys } from '../../model/tuning.js';
import { UsageError } from './errors.js';
import { quote } from './text.js';
import { parseChoice, parseWhole } from './values.js';

/** What a setting may be: for messages, and as the text that it is stored and compared as. Throws UsageError. */
interface Rule {
  /** What stands for the value in the help. */
  value: string;
  parse(option: string, text: string): string;
}

const choice = (...words: string[]): Rule => ({
  value: words.join('|'),
  parse: (option, text) => parseChoice(option, text, words),
});

const whole = (least: number, most: number): Rule => ({
  value: `${least}-${most}`,
  parse: (option, text) => String(parseWhole(option, text, least, most)),
});

const onOff = choice('on', 'off');
const maxCpu = 8191;
const maxUs = 1_000_000;
/** What an interface may have at most; the driver knows how many it has. */
const maxQueues = 1024;
const maxEntries = 65_536;
const maxCoalesced = 65_535;

/** CPUs in the order in which queues get them, `4+0-3`: a comma would end a value of an axis. */
const cpus: Rule = {
  value: 'CPUS',
  parse(option, text) {
    const list = expandCpus(option, text);
    if (new Set(list).size !== list.length) throw new UsageError(`${option}: ${quote(text)} names a CPU twice`);
    return text;
  },
};

/** The same for interrupts, of which a CPU may take those of several queues: `0+2+0`. */
const cpusInTurn: Rule = {
  value: 'CPUS',
  parse(option, text) {
    expandCpus(option, text);
    return text;
  },
};

const cpusOrOff: Rule = {
  value: 'off|CPUS',
  parse: (option, text) => (text === 'off' ? text : cpus.parse(option, text)),
};

const wholeOr = (word: string, least: number, most: number): Rule => ({
  value: `${word}|${least}-${most}`,
  parse: (option, text) => (text === word ? text : String(parseWhole(option, text, least, most))),
});

const rules: Record<TuningKey, Rule> = {
  irqbalance: choice('paused'),
  // Governors are the kernel's: it refuses a name that it does not have.
  governor: {
    value: 'NAME',
    parse(option, text) {
      if (/^[a-z_]{1,15}$/.test(text)) return text;
      throw new UsageError(`${option}: ${quote(text)} is no name of a governor such as performance`);
    },
  },
  turbo: onOff,
  cStateLimitUs: whole(0, maxUs),
  idleStatesUpToUs: whole(0, maxUs),
  bpfJit: onOff,
  bpfJitHarden: choice('off', 'user', 'all'),
  netBusyPollUs: whole(0, maxUs),
  netBusyReadUs: whole(0, maxUs),
  channels: whole(1, maxQueues),
  rxRing: whole(1, maxEntries),
  txRing: whole(1, maxEntries),
  offloadGro: onOff,
  offloadGroHw: onOff,
  offloadUdpGro: onOff,
  offloadLro: onOff,
  offloadGso: onOff,
  offloadTso: onOff,
  offloadUdpGso: onOff,
  offloadRxChecksum: onOff,
  offloadTxChecksum: onOff,
  offloadRxHash: onOff,
  offloadNtuple: onOff,
  flowControl: choice('on', 'off', 'rx', 'tx'),
  adaptiveRx: onOff,
  adaptiveTx: onOff,
  rxUsecs: whole(0, maxCoalesced),
  rxFrames: whole(0, maxCoalesced),
  txUsecs: whole(0, maxCoalesced),
  txFrames: whole(0, maxCoalesced),
  rssTable: wholeOr('default', 1, maxQueues),
  rssHash: choice('s', 'd', 'sd', 'fn', 'sfn', 'dfn', 'sdfn'),
  ntupleQueue: whole(0, maxQueues - 1),
  irqAffinity: cpusInTurn,
  rps: cpusOrOff,
  rfs: {
    value: 'N',
    parse(option, text) {
      const flows = parseWhole(option, text, 0, 1 << 24);
      if (flows === 0 || Number.isInteger(Math.log2(flows))) return String(flows);
      throw new UsageError(`${option}: ${quote(text)} is not 0 or a power of two`);
    },
  },
  xps: cpusOrOff,
  napiDeferHardIrqs: whole(0, maxUs),
  groFlushTimeoutNs: whole(0, 1e9),
};

/** One setting of host or interface by its name; null for a name that is none. */
export function parseTuning(option: string, name: string, text: string): Tuning | null {
  const key = tuningKeys.find((known) => known === name);
  return key === undefined ? null : { [key]: rules[key].parse(`${option}: ${key}`, text.trim()) };
}

/** CPU numbers in the order they stand in, from `4+0-3`. */
export function expandCpus(option: string, text: string): number[] {
  return text.split('+').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    const length = Number(last) - Number(first) + 1;
    if (!(length >= 1) || Number(last) > maxCpu)
      throw new UsageError(`${option}: ${quote(text)} is not a list of CPUs such as 0-3 or 4+0-3`);
    return Array.from({ length }, (_, index) => Number(first) + index);
  });
}

/** `channels=1-1024`, for the help: all settings and what they may be. */
export const tuningHelp = tuningKeys.map((key) => `${key}=${rules[key].value}`);
