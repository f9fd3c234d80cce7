/** How a piece of text looks. */
export type Style = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'now';

/** A line of a terminal, of pieces one after the other. */
export type Line = { text: string; style: Style }[];

const codes: Record<Exclude<Style, 'plain'>, [on: number, off: number]> = {
  strong: [1, 22],
  faint: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  now: [36, 39],
};

/** Cuts a line that is longer than `width` characters, and ends it with `…` then. */
export function cutTo(line: Line, width: number): Line {
  const fitted: Line = [];
  let room = width;
  const whole = line.reduce((sum, { text }) => sum + text.length, 0);
  for (const { text, style } of line) {
    const cut = whole > width && text.length >= room ? `${text.slice(0, Math.max(0, room - 1))}…` : text;
    if (room > 0) fitted.push({ text: cut, style });
    room -= cut.length;
  }
  return fitted;
}

/** The line as a terminal takes it. */
export function paintLine(line: Line, colour: 'plain' | 'ansi'): string {
  return line
    .map(({ text, style }) => {
      if (colour === 'plain' || style === 'plain' || text === '') return text;
      const [on, off] = codes[style];
      return `\u001b[${on}m${text}\u001b[${off}m`;
    })
    .join('');
}
