import { describe, expect, it } from 'vitest';
import { expandCpus, parseTuning } from '../../../common/cli/tuning.js';
import { messageOf } from '../../fakes/usage-message.js';

describe('a setting of host or interface', () => {
  it.each([
    ['channels', ' 8 ', '8'],
    ['rssHash', 'sdfn', 'sdfn'],
    ['rssTable', 'default', 'default'],
    ['rfs', '32768', '32768'],
    ['rps', 'off', 'off'],
    ['irqAffinity', '4+0-2', '4+0-2'],
    ['irqAffinity', '0+2+0', '0+2+0'],
    ['governor', 'performance', 'performance'],
  ])('%s=%s', (name, text, value) => expect(parseTuning('--axis', name, text)).toEqual({ [name]: value }));

  it.each([
    ['channels', '0', '--axis: channels: 0 is not a whole number from 1 to 1024'],
    ['channels', '08x', '--axis: channels: 08x is not a whole number from 1 to 1024'],
    ['rssHash', 'fnsd', '--axis: rssHash: fnsd is not one of s, d, sd, fn, sfn, dfn, sdfn'],
    ['rfs', '1000', '--axis: rfs: 1000 is not 0 or a power of two'],
    ['irqbalance', 'running', '--axis: irqbalance: running is not paused'],
    ['irqAffinity', 'off', '--axis: irqAffinity: off is not a list of CPUs such as 0-3 or 4+0-3'],
    ['rps', '3-1', '--axis: rps: 3-1 is not a list of CPUs such as 0-3 or 4+0-3'],
    ['rps', '0-9999', '--axis: rps: 0-9999 is not a list of CPUs such as 0-3 or 4+0-3'],
    ['rps', '0-3+2', '--axis: rps: 0-3+2 names a CPU twice'],
    ['governor', '../../x', '--axis: governor: ../../x is no name of a governor such as performance'],
  ])('refuses %s=%s', (name, text, message) => {
    expect(messageOf(() => parseTuning('--axis', name, text))).toBe(message);
  });

  it('is known by its name', () => expect(parseTuning('--axis', 'batch', '8')).toBeNull());
});

it('CPUs keep their order', () => expect(expandCpus('--axis', '4+0-2')).toEqual([4, 0, 1, 2]));
