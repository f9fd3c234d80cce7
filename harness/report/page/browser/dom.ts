/** An element that the document has; Error where it does not. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

/** The first element inside another one that a selector names; Error where there is none. */
export function within<T extends HTMLElement = HTMLElement>(parent: ParentNode, selector: string): T {
  const found = parent.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A new element with properties and children; text is never markup. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Tells those who do not see the page what changed in it. */
export function say(text: string): void {
  element('said').textContent = text;
}

/** Tells in sight of everybody that what the page was made with is damaged. */
export function tellUnreadable(error: Error): void {
  element('said').textContent = `The figures in this page cannot be read: ${error.message}`;
  element('said').classList.remove('unseen');
}

/** Shows the page of a cell, where its address asks for one, or all else. */
export function turnTo(part: 'report' | 'cell'): void {
  element('report').hidden = part === 'cell';
  element('cell').hidden = part === 'report';
}

/** Copies a command, and tells whether the browser let it. */
export function copy(command: string): void {
  // Pages of a file have no clipboard in some browsers.
  const copied = navigator.clipboard?.writeText(command) ?? Promise.reject();
  copied.then(
    () => say('The command is copied.'),
    () => say('The browser does not allow to copy: select the command and copy it.'),
  );
}
