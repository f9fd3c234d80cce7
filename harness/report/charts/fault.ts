import { family } from './layout.js';

/** Why no chart can be drawn, in a line; null where charts can be. Without a font every letter would be a box. */
export async function chartFault(): Promise<string | null> {
  const canvas = await import('canvas').catch((error: Error) => error);
  if (canvas instanceof Error) {
    const [reason] = canvas.message.split('\n');
    return `No charts: the npm package canvas cannot be loaded (${reason}); make setup gets or compiles it.`;
  }
  const context = canvas.createCanvas(1, 1).getContext('2d');
  context.font = `100px "${family}"`;
  // Boxes are all as wide, letters are not.
  const isBoxes = context.measureText('i').width === context.measureText('W').width;
  return isBoxes ? `No charts: there is no font for their letters, such as ${family} (fonts-dejavu-core).` : null;
}
