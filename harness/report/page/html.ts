/** Markup that may stand in a page as it is. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | readonly Part[];

/** Markup from a template whose values are escaped, in text and in quoted attributes alike, unless they are markup. */
export function html(markup: TemplateStringsArray, ...values: Part[]): Html {
  return new Html(
    markup.map((text, index) => text + (index < values.length ? marked(values[index] as Part) : '')).join(''),
  );
}

function marked(part: Part): string {
  if (part instanceof Html) return part.text;
  return typeof part === 'object' ? part.map(marked).join('') : escaped(String(part));
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}
