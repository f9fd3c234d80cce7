import type { LineStyle } from '../../charts/palette.js';

/** How one line is drawn. */
export interface Stroke {
  colour: string;
  /** Lengths in pixels of strokes and gaps; [] is a solid line. */
  dash: number[];
  /** Null: a line without marks. */
  point: LineStyle['point'] | null;
  /** Of the point, in degrees. */
  rotation: number;
}

/** Corners around a centre, from the top, as shares of the radius. */
const polygons: Partial<Record<string, [number, number][]>> = {
  rect: [
    [-0.85, -0.85],
    [0.85, -0.85],
    [0.85, 0.85],
    [-0.85, 0.85],
  ],
  rectRot: [
    [0, -1.15],
    [1.15, 0],
    [0, 1.15],
    [-1.15, 0],
  ],
  triangle: [
    [0, -1.15],
    [1.05, 0.8],
    [-1.05, 0.8],
  ],
};

/** Strokes through a centre: angles of half turns. */
const crosses: Partial<Record<string, number[]>> = {
  cross: [0, 0.5],
  crossRot: [0.25, 0.75],
  star: [0, 0.25, 0.5, 0.75],
};

/** A point's mark; `fill` is the background where the point is hollow. What is made of strokes gets a ring then. */
export function drawMark(
  context: CanvasRenderingContext2D,
  { colour, point, rotation }: Stroke,
  at: { x: number; y: number; radius: number; hollow: string | null },
): void {
  const { x, y, radius, hollow } = at;
  context.strokeStyle = colour;
  context.fillStyle = hollow ?? colour;
  context.lineWidth = radius / 2.6;
  context.setLineDash([]);
  context.beginPath();
  const corners = polygons[String(point)];
  const angles = crosses[String(point)];
  const [cosine, sine] = [Math.cos((rotation * Math.PI) / 180), Math.sin((rotation * Math.PI) / 180)];
  if (corners)
    for (const [dx, dy] of corners)
      context.lineTo(x + (dx * cosine - dy * sine) * radius, y + (dx * sine + dy * cosine) * radius);
  else if (angles) {
    for (const angle of angles) {
      const [dx, dy] = [Math.cos(angle * Math.PI) * radius * 1.1, Math.sin(angle * Math.PI) * radius * 1.1];
      context.moveTo(x - dx, y - dy);
      context.lineTo(x + dx, y + dy);
    }
  }
  if (!corners && (!angles || hollow !== null)) {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  if (corners) context.closePath();
  if (!angles) context.fill();
  context.stroke();
}

/** A line and its mark beside a name. */
export function swatch(stroke: Stroke): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const ratio = devicePixelRatio;
  [canvas.width, canvas.height] = [44 * ratio, 16 * ratio];
  canvas.setAttribute('aria-hidden', 'true');
  canvas.className = 'swatch';
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  context.scale(ratio, ratio);
  context.strokeStyle = stroke.colour;
  context.lineWidth = 2.25;
  context.setLineDash(stroke.dash);
  context.beginPath();
  context.moveTo(0, 8);
  context.lineTo(44, 8);
  context.stroke();
  if (stroke.point !== null) drawMark(context, stroke, { x: 22, y: 8, radius: 4.5, hollow: null });
  return canvas;
}
