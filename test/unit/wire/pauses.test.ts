import { expect, it } from 'vitest';
import { pauseFramesIn } from '../../../common/wire/pauses.js';

it.each([
  ['RX: off\nStatistics:\n  tx_pause_frames: 12\n  rx_pause_frames: 3\n', { sent: 12, received: 3 }],
  ['Pause parameters for ens4:\nAutonegotiate:\ton\nRX:\t\ton\nTX:\t\ton\n', null],
  ['', null],
])('of %j, pause frames', (text, frames) => expect(pauseFramesIn(text)).toEqual(frames));
