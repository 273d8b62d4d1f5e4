const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/**
 * The bytes of strict base64, or undefined. Node's decoder skips what it does not know, which would
 * let one signature have many spellings; only the one spelling `toBase64` writes is accepted.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** The JSON value in UTF-8 bytes, boxed so that `undefined` can only mean "not JSON". */
export function parseJson(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(decoder.decode(bytes)) as unknown };
  } catch {
    return undefined;
  }
}
