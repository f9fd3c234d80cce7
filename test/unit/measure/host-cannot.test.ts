import { expect, it } from 'vitest';
import { whyHostCannot } from '../../../harness/measure/host-cannot.js';

const [EPERM, EINVAL, ENOSYS, EOPNOTSUPP, EAFNOSUPPORT] = [1, 22, 38, 95, 97];

it.each([
  ['LIVE_FRAMES', { server: '6.1.0', clients: ['5.15.0'] }, 'skipped'],
  ['LIVE_FRAMES', { server: '5.15.0', clients: ['6.1.0'] }, 'failed'],
  ['LIVE_FRAMES', { server: '6.1.0', clients: ['6.1.0', '5.15.0'] }, 'skipped'],
  ['IO_URING', { server: '5.15.0', clients: ['6.1.0'] }, 'skipped'],
  ['IO_URING', { server: '6.1.0', clients: ['5.15.0'] }, 'failed'],
])('%s on %j: %s', (code, kernels, state) => {
  const error = { code, message: 'what was tried', errno: EINVAL };
  expect(whyHostCannot(error, kernels)).toBe(state === 'skipped' ? 'what was tried' : null);
});

it.each<[string, number | undefined, string, 'skipped' | 'failed']>([
  ['LIVE_FRAMES', EINVAL, '5.15.0-91-generic', 'skipped'],
  ['LIVE_FRAMES', EINVAL, '4.19.0', 'skipped'],
  ['LIVE_FRAMES', EINVAL, '5.18.0', 'failed'],
  ['LIVE_FRAMES', EINVAL, '6.1.0-13-amd64', 'failed'],
  ['LIVE_FRAMES', EINVAL, 'of no number', 'failed'],
  ['LIVE_FRAMES', EOPNOTSUPP, '6.8.0', 'skipped'],
  ['LIVE_FRAMES', EPERM, '6.8.0', 'skipped'],
  ['IO_URING', EINVAL, '6.0.9', 'skipped'],
  ['IO_URING', EINVAL, '6.1.0', 'failed'],
  ['IO_URING', ENOSYS, '6.8.0', 'skipped'],
  ['IO_URING', EPERM, '6.8.0', 'skipped'],
  ['XDP_SOCKET', EAFNOSUPPORT, '6.8.0', 'skipped'],
  ['XDP_SOCKET', EINVAL, '4.9.0', 'failed'],
  ['XDP_ATTACH', EOPNOTSUPP, '6.8.0', 'skipped'],
  ['XDP_ZEROCOPY', EOPNOTSUPP, '6.8.0', 'skipped'],
  ['XDP_ZEROCOPY', EINVAL, '6.8.0', 'skipped'],
  ['CHECKSUM', EOPNOTSUPP, '6.8.0', 'skipped'],
  ['SHARED_RING', EOPNOTSUPP, '6.8.0', 'skipped'],
  ['XDP_BIND', EINVAL, '6.8.0', 'failed'],
  ['TOPOLOGY', EPERM, '6.8.0', 'skipped'],
  ['TOPOLOGY', undefined, '6.8.0', 'failed'],
  ['QUEUES', undefined, '6.8.0', 'skipped'],
  ['PROBE', EPERM, '6.8.0', 'failed'],
])('%s with errno %s on Linux %s: %s', (code, errno, kernel, state) => {
  const error = { code, message: 'what was tried', ...(errno === undefined ? {} : { errno }) };
  expect(whyHostCannot(error, { server: kernel, clients: [kernel] })).toBe(
    state === 'skipped' ? 'what was tried' : null,
  );
});
