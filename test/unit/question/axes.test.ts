import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../../common/cli/values.js';
import {
  parseFunction,
  parseImplementations,
  parseLoads,
  parseMatrix,
  parseRepeats,
  parseSeed,
  parseSizes,
  parseTopology,
} from '../../../harness/question/axes.js';
import { formatLoad } from '../../../model/cell.js';
import { datapathIds, implementationIds } from '../../../model/ids.js';
import { runtimeIds } from '../../../model/runtimes.js';
import { messageOf } from '../../fakes/usage-message.js';

describe('parseSizes', () => {
  it.each([
    ['200..1400', [200, 400, 600, 800, 1000, 1200, 1400]],
    ['200..500:100', [200, 300, 400, 500]],
    ['200..500', [200, 400]],
    ['200..200', [200]],
    ['200,800', [200, 800]],
    ['800, 200', [800, 200]],
    ['60', [60]],
    ['1514', [1514]],
    ['60,200..600', [60, 200, 400, 600]],
  ])('%s', (text, sizes) => expect(parseSizes('--sizes', text)).toEqual(sizes));

  it.each([
    ['30', '--sizes: 30 is below 60, the smallest frame that holds the headers and a stamp'],
    ['-200', '--sizes: -200 is below 60, the smallest frame that holds the headers and a stamp'],
    ['0', '--sizes: 0 is below 60, the smallest frame that holds the headers and a stamp'],
    ['59..100', '--sizes: 59 is below 60, the smallest frame that holds the headers and a stamp'],
    ['1515', '--sizes: 1515 is above 1514, the largest frame of an MTU of 1500'],
    ['200..99999999999999:1', '--sizes: 99999999999999 is above 1514, the largest frame of an MTU of 1500'],
    ['200,200', '--sizes: 200 is named twice'],
    ['200..600,400', '--sizes: 400 is named twice'],
    ['1400..200', '--sizes: 1400..200 runs backwards, write 200..1400'],
    ['200..1400:0', '--sizes: 200..1400:0: the step must be a whole number of 1 or more, not 0'],
    ['200..1400:-200', '--sizes: 200..1400:-200: the step must be a whole number of 1 or more, not -200'],
    ['200..1400:1.5', '--sizes: 200..1400:1.5: the step must be a whole number of 1 or more, not 1.5'],
    ['200..1400:', '--sizes: 200..1400: is not a range such as 200..1400 or 200..1400:100'],
    ['200..', '--sizes: 200.. is not a range such as 200..1400 or 200..1400:100'],
    ['..1400', '--sizes: ..1400 is not a range such as 200..1400 or 200..1400:100'],
    ['200...1400', '--sizes: .1400 is not a whole number of bytes'],
    ['200-1400', '--sizes: 200-1400 is not a whole number of bytes'],
    ['200.5', '--sizes: 200.5 is not a whole number of bytes'],
    ['2e2', '--sizes: 2e2 is not a whole number of bytes'],
    ['200 800', '--sizes: "200 800" is not a whole number of bytes'],
    ['abc', '--sizes: abc is not a whole number of bytes'],
    ['', '--sizes: needs at least one value, not ""'],
    [' ', '--sizes: needs at least one value, not " "'],
    ['200,', '--sizes: 200, has a blank beside a comma'],
    ['200,,800', '--sizes: 200,,800 has a blank beside a comma'],
    ['60..1514:1', '--sizes: 60..1514:1 makes 1455 sizes, more than 64'],
  ])('refuses %s', (text, message) => expect(messageOf(() => parseSizes('--sizes', text))).toBe(message));

  it('keeps messages on one line and short', () => {
    expect(messageOf(() => parseSizes('--sizes', `a\nb${'x'.repeat(100)}`))).toBe(
      `--sizes: "a\\nb${'x'.repeat(56)}…" is not a whole number of bytes`,
    );
  });
});

describe('parseMatrix', () => {
  it.each([
    ['1T1Q,2T2Q', ['1T1Q', '2T2Q']],
    ['2t1q', ['2T1Q']],
    [' 8T4Q , 64T64Q', ['8T4Q', '64T64Q']],
  ])('%s', (text, labels) => {
    expect(parseMatrix('--matrix', text).map(({ threads, queues }) => `${threads}T${queues}Q`)).toEqual(labels);
  });

  it.each([
    ['0T1Q', '--matrix: 0T1Q: threads must be 1 to 64'],
    ['1T0Q', '--matrix: 1T0Q: queues must be 1 to 64'],
    ['65T1Q', '--matrix: 65T1Q: threads must be 1 to 64'],
    ['64T65Q', '--matrix: 64T65Q: queues must be 1 to 64'],
    ['3T2Q', '--matrix: 3T2Q: the queues of a point must divide its threads'],
    ['2T4Q', '--matrix: 2T4Q: the queues of a point must divide its threads'],
    ['1T1Q,1t1q', '--matrix: 1T1Q is named twice'],
    ['2x2', '--matrix: 2x2 is not a number of threads and queues such as 2T1Q'],
    ['-1T1Q', '--matrix: -1T1Q is not a number of threads and queues such as 2T1Q'],
    ['1.5T1Q', '--matrix: 1.5T1Q is not a number of threads and queues such as 2T1Q'],
    ['1T1Q,', '--matrix: 1T1Q, has a blank beside a comma'],
    ['', '--matrix: needs at least one value, not ""'],
  ])('refuses %s', (text, message) => expect(messageOf(() => parseMatrix('--matrix', text))).toBe(message));
});

describe('parseLoads', () => {
  it('reads every kind, and formatLoad writes it again', () => {
    const loads = parseLoads('--load', 'saturate,rate=1.5M,rate=100k,closed=4,closed=1024,none');
    expect(loads).toEqual([
      { kind: 'saturate' },
      { kind: 'rate', perSecond: 1_500_000 },
      { kind: 'rate', perSecond: 100_000 },
      { kind: 'closed', connections: 4 },
      { kind: 'closed', connections: 1024 },
      { kind: 'none' },
    ]);
    expect(loads.map(formatLoad).join(',')).toBe('saturate,rate=1500000,rate=100000,closed=4,closed=1024,none');
  });

  it.each([
    ['fast', '--load: fast is not one of saturate, capacity, latency-under-load, rate=N, closed=N, none'],
    ['rate', '--load: rate needs requests a second, as in rate=100k'],
    ['rate=0', '--load: rate: 0 is not a whole number of requests a second from 1 to 100M, such as 100k'],
    ['rate=1e5', '--load: rate: 1e5 is not a whole number of requests a second from 1 to 100M, such as 100k'],
    ['rate=101M', '--load: rate: 101M is not a whole number of requests a second from 1 to 100M, such as 100k'],
    ['saturate=2', '--load: saturate=2 is not one of saturate, capacity, latency-under-load, rate=N, closed=N, none'],
    ['closed', '--load: closed needs a number of connections, as in closed=4'],
    ['closed=', '--load: closed=: connections must be a whole number from 1 to 1024'],
    ['closed=0', '--load: closed=0: connections must be a whole number from 1 to 1024'],
    ['closed=-1', '--load: closed=-1: connections must be a whole number from 1 to 1024'],
    ['closed=1025', '--load: closed=1025: connections must be a whole number from 1 to 1024'],
    ['closed=1.5', '--load: closed=1.5: connections must be a whole number from 1 to 1024'],
    ['none,none', '--load: none is named twice'],
    ['closed=4,closed=04', '--load: closed=4 is named twice'],
    ['', '--load: needs at least one value, not ""'],
  ])('refuses %s', (text, message) => expect(messageOf(() => parseLoads('--load', text))).toBe(message));
});

describe('parseDuration', () => {
  const bounds = { minNs: 50e6, maxNs: 3600e9 };
  it.each([
    ['2s', 2e9],
    ['1.5s', 1.5e9],
    ['50ms', 50e6],
    ['1m', 60e9],
    ['1h', 3600e9],
    ['60000us', 60e6],
  ])('%s', (text, ns) => expect(parseDuration('--duration', text, bounds)).toBe(ns));

  it('takes a bare zero where zero is allowed', () => {
    expect(parseDuration('--warmup', '0', { minNs: 0, maxNs: 1e9 })).toBe(0);
  });

  it.each([
    ['0', '--duration: 0 is below the least, 50ms'],
    ['49ms', '--duration: 49ms is below the least, 50ms'],
    ['61m', '--duration: 61m is above the most, 1h'],
    ['2', '--duration: 2 is not a time such as 2s, 500ms or 1m'],
    ['-2s', '--duration: -2s is not a time such as 2s, 500ms or 1m'],
    ['2 s', '--duration: "2 s" is not a time such as 2s, 500ms or 1m'],
    ['2S', '--duration: 2S is not a time such as 2s, 500ms or 1m'],
    ['1e3s', '--duration: 1e3s is not a time such as 2s, 500ms or 1m'],
    ['Infinitys', '--duration: Infinitys is not a time such as 2s, 500ms or 1m'],
    ['', '--duration: "" is not a time such as 2s, 500ms or 1m'],
  ])('refuses %s', (text, message) => expect(messageOf(() => parseDuration('--duration', text, bounds))).toBe(message));

  it.each([
    [0, '0s'],
    [2e9, '2s'],
    [1.5e9, '1500ms'],
    [7200e9, '2h'],
    [7, '7ns'],
  ])('formatDuration writes %d as %s', (ns, text) => expect(formatDuration(ns)).toBe(text));
});

describe('choices and numbers', () => {
  it('reads right values', () => {
    expect(parseImplementations('--impls', 'afxdp,dgram')).toEqual(['afxdp', 'dgram']);
    expect(parseImplementations('--impls', 'all')).toEqual([...datapathIds]);
    expect(parseImplementations('--impls', 'recvmmsg, runtimes')).toEqual(['recvmmsg', ...runtimeIds]);
    expect(parseFunction('--function', 'echo')).toBe('echo');
    expect(parseTopology('--topology', 'veth')).toBe('veth');
    expect([parseRepeats('--repeats', '1'), parseRepeats('--repeats', '1000')]).toEqual([1, 1000]);
    expect([parseSeed('--seed', '0'), parseSeed('--seed', '4294967295')]).toEqual([0, 4294967295]);
  });

  it.each([
    [() => parseImplementations('--impls', 'netmap'), `--impls: netmap is not one of ${implementationIds.join(', ')}`],
    [() => parseImplementations('--impls', 'dgram,dgram'), '--impls: dgram is named twice'],
    [() => parseImplementations('--impls', 'all,xdp'), '--impls: xdp is named twice'],
    [
      () => parseImplementations('--impls', 'constructor'),
      `--impls: constructor is not one of ${implementationIds.join(', ')}`,
    ],
    [
      () => parseFunction('--function', 'Reverse'),
      '--function: Reverse is not one of reverse, echo, expand, upper, sha256, lookup',
    ],
    [
      () => parseFunction('--function', ''),
      '--function: "" is not one of reverse, echo, expand, upper, sha256, lookup',
    ],
    [() => parseTopology('--topology', 'lo'), '--topology: lo is not one of veth, nic, remote'],
    [() => parseRepeats('--repeats', '0'), '--repeats: 0 is not a whole number from 1 to 1000'],
    [() => parseRepeats('--repeats', '1001'), '--repeats: 1001 is not a whole number from 1 to 1000'],
    [() => parseRepeats('--repeats', '2.5'), '--repeats: 2.5 is not a whole number from 1 to 1000'],
    [() => parseRepeats('--repeats', '-1'), '--repeats: -1 is not a whole number from 1 to 1000'],
    [() => parseSeed('--seed', '4294967296'), '--seed: 4294967296 is not a whole number from 0 to 4294967295'],
    [() => parseSeed('--seed', '0x10'), '--seed: 0x10 is not a whole number from 0 to 4294967295'],
    [() => parseSeed('--seed', ''), '--seed: "" is not a whole number from 0 to 4294967295'],
  ])('refuses %#', (act, message) => expect(messageOf(act)).toBe(message));
});
