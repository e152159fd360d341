/** Writes a text and a NUL at the start of a field, whose rest stays as it is. */
export function writeText(field: Buffer, text: string): void {
  const bytes = Buffer.from(`${text}\0`);
  bytes.copy(field);
  bytes.fill(0);
}

/** Says if a text and its NUL fit a field of so many bytes. */
export function fitsField(text: string, size: number): boolean {
  return Buffer.byteLength(text) < size;
}
