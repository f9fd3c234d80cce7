import type { Plugin } from 'chart.js';
import { ink } from '../palette.js';

/** White paper: the default is transparent, which a dark viewer shows as black. */
export const paper: Plugin = {
  id: 'paper',
  beforeDraw({ ctx, width, height }) {
    ctx.save();
    ctx.fillStyle = ink.paper;
    ctx.fillRect(0, 0, width, height);
    ctx.restore();
  },
};
