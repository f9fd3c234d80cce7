import { execa } from 'execa';
import { toolEnvironment } from '../process/tools.js';

/** Pause frames of an interface since it is there. */
export interface PauseFrames {
  sent: number;
  received: number;
}

/** Null where its driver does not count them. */
export async function readPauseFrames(name: string): Promise<PauseFrames | null> {
  const words = ['--include-statistics', '--show-pause', name];
  const { stdout = '' } = await execa('ethtool', words, { env: toolEnvironment, reject: false });
  return pauseFramesIn(stdout);
}

/** Of what ethtool prints. */
export function pauseFramesIn(text: string): PauseFrames | null {
  const [sent, received] = ['tx', 'rx'].map(
    (way) => new RegExp(`^\\s*${way}_pause_frames: (\\d+)$`, 'm').exec(text)?.[1],
  );
  return sent === undefined || received === undefined ? null : { sent: Number(sent), received: Number(received) };
}
