/** Text for people: counted nouns, quoted values, lines that fit a width. */

/** `1 thread`, `2 threads`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A user's value as a message shows it: one line, shortened, in quotes where it is blank or has spaces. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  if (short !== '' && !/[\s\p{Cc}]/u.test(short)) return short;
  // JSON leaves DEL and the C1 controls as they are; a terminal obeys them.
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(short).replace(/\p{Cc}/gu, escaped);
}

/**
 * Lines of at most `width` characters, broken at spaces but never before `%`; a word that is longer stands alone. All
 * lines but the first begin with `indent`, which counts.
 */
export function wrap(text: string, width: number, indent = ''): string[] {
  const [first = '', ...words] = text.split(/ (?!%)/);
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(`${indent}${word}`);
  }
  return lines;
}
