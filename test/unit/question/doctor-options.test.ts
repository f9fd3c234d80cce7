import { expect, it } from 'vitest';
import { parseDoctorOptions } from '../../../harness/question/doctor-options.js';

it('two interfaces of one host are looked at as others of this host', () => {
  const ends = ['--topology', 'nic', '--server', 'if=ens4', '--client', 'if=ens5'];
  const request = { kind: 'examine', interfaces: ['eth1', 'ens4', 'ens5'], format: 'text' };
  expect(parseDoctorOptions([...ends, '--interface', 'eth1'])).toEqual(request);
});
