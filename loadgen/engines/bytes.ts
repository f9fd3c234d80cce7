/** The 6 bytes of a colon-separated MAC address. */
export function macBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(':'), (part) => Number.parseInt(part, 16));
}

/** The 4 bytes of a dotted quad. */
export function addressBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number);
}
