/** What the address of the page holds behind its #: what is shown, so that a link shows the same. */
export function readState(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

/** The address of the page without one of its choices. */
export function addressWithout(name: string): string {
  const state = readState();
  state.delete(name);
  return `#${state}`;
}

/** Puts choices into the address in place of those of the same name; a blank one is taken out. Shows nothing by itself. */
export function writeState(changes: Record<string, string | readonly string[]>): void {
  const state = readState();
  for (const [name, value] of Object.entries(changes)) {
    state.delete(name);
    for (const each of [value].flat()) if (each !== '') state.append(name, each);
  }
  const text = state.toString();
  history.replaceState(null, '', text === '' ? location.pathname + location.search : `#${text}`);
}

/** Tells of a new address. The link to a cell is short: what was chosen before stays beside it. */
export function watchState(changed: () => void): void {
  addEventListener('hashchange', ({ oldURL }) => {
    const state = readState();
    const before = new URLSearchParams(new URL(oldURL).hash.slice(1));
    if (state.has('cell')) {
      for (const [name, value] of before) if (name !== 'cell') state.append(name, value);
      if (state.size > 1) history.replaceState(null, '', `#${state}`);
    }
    changed();
  });
}
