import type { Span } from './screen.js';

/** Pixels; the characters of the fonts below are that wide at that size. */
const size = { font: 14, advance: 8.4, line: 19, margin: 18 } as const;
const fonts = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
const paper = '#0D1117';
const ink = '#E6EDF3';

/** Colours 0 to 15 of SGR, each readable on the paper. */
const colours = [
  ...['#8B949E', '#FF7B72', '#56D364', '#E3B341', '#79C0FF', '#D2A8FF', '#56D4DD', '#E6EDF3'],
  ...['#8B949E', '#FFA198', '#7EE787', '#F2CC60', '#A5D6FF', '#E2C5FF', '#76E3EA', '#FFFFFF'],
];

/** Lines of a terminal as an SVG document, `columns` wide; `title` is read out in its place. */
export function pictureOf(lines: readonly (readonly Span[])[], columns: number, title: string): string {
  const width = Math.ceil(columns * size.advance + 2 * size.margin);
  const height = lines.length * size.line + 2 * size.margin;
  const rows = lines.map((line, index) => {
    const y = size.margin + index * size.line + size.font;
    let column = 0;
    return line.flatMap((span) => {
      const x = size.margin + column * size.advance;
      const { length } = [...span.text];
      column += length;
      return span.text.trim() === '' ? [] : [textOf(span, x, y, length * size.advance)];
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(title)}</title>`,
    `<style>text { font-family: ${fonts}; font-size: ${size.font}px; white-space: pre }</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${paper}"/>`,
    ...rows.flat(),
    '</svg>',
    '',
  ].join('\n');
}

/** The width is told, as a font may lack a character and take it from another one. */
function textOf({ text, colour, bold, faint }: Span, x: number, y: number, width: number): string {
  const attributes = [
    `x="${x.toFixed(1)}" y="${y}" textLength="${width.toFixed(1)}" lengthAdjust="spacingAndGlyphs"`,
    `fill="${colour === null ? ink : colours[colour]}"`,
    ...(bold ? ['font-weight="bold"'] : []),
    ...(faint ? ['opacity="0.7"'] : []),
  ];
  return `<text ${attributes.join(' ')}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
