import { element, say, within } from './dom.js';
import { writeState } from './state.js';

const root = document.documentElement;
/** Paper is white. */
let isPrinting = false;

/** Light, dark, or as the system has it. */
export function applyTheme(state: URLSearchParams): void {
  const asked = state.get('theme') ?? '';
  const known = asked === 'light' || asked === 'dark' ? asked : '';
  root.dataset.theme = isPrinting ? 'light' : known;
  (element('theme') as HTMLSelectElement).value = known;
}

/** Lets the reader choose, and tells of every change of colours: charts are drawn in them. */
export function watchTheme(changed: () => void): void {
  within(document, '.theme').hidden = false;
  const select = element('theme') as HTMLSelectElement;
  select.addEventListener('change', () => {
    writeState({ theme: select.value });
    changed();
    say(`Colours: ${select.selectedOptions[0]?.text}.`);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  const print = (begins: boolean) => () => {
    isPrinting = begins;
    changed();
  };
  addEventListener('beforeprint', print(true));
  addEventListener('afterprint', print(false));
}

/** A colour of the style sheet, by the name of its property, as it is now. */
export function colourOf(name: string): string {
  return resolved(`var(${name})`);
}

/** A line's colour as it is seen on this background: no darker than the dark one allows. */
export function lineColour(colour: string): string {
  const lightened = `oklch(from ${colour} max(l, 0.72) c h)`;
  return isDark() && CSS.supports('color', lightened) ? resolved(lightened) : colour;
}

function isDark(): boolean {
  const { theme } = root.dataset;
  return theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
}

function resolved(colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
