/** The address of a cell's own page. */
export function cellAddress(id: string): string {
  return `#cell=${encodeURIComponent(id)}`;
}
