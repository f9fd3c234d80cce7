import { createCanvas } from 'canvas';
import { family } from './layout.js';

/** Why no chart can be drawn, in a line: without a font every letter would be a box. Null where there is one. */
export function missingFont(): string | null {
  const context = createCanvas(1, 1).getContext('2d');
  context.font = `100px "${family}"`;
  // Boxes are all as wide, letters are not.
  const isBoxes = context.measureText('i').width === context.measureText('W').width;
  return isBoxes ? `No charts: there is no font for their letters, such as ${family} (fonts-dejavu-core).` : null;
}
