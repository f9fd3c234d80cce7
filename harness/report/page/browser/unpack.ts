/** What the page was made with: compressed in an element of it. Rejects where it is damaged. */
export async function unpack<T>(packed: HTMLElement): Promise<T> {
  const bytes = Uint8Array.from(atob(packed.textContent ?? ''), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as T;
}
