import { StringDecoder } from "node:string_decoder";

/** Collects a stream of any length in bounded memory. */
export interface BoundedOutput {
  readonly add: (chunk: Uint8Array) => void;
  /** The whole output, or its first and last half with a note of how much is missing between. */
  readonly text: () => string;
  readonly isTruncated: () => boolean;
}

/**
 * Keeps at most `maxBytes` (> 0): the first half, where a run says what it is, and the last half,
 * where it says how it ended. `onText` sees only the first `maxBytes`, so a flood stops there.
 */
export function boundedOutput(maxBytes: number, onText: (text: string) => void): BoundedOutput {
  const headMax = Math.ceil(maxBytes / 2);
  const tailMax = Math.floor(maxBytes / 2);
  const decoder = new StringDecoder("utf8");
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let totalBytes = 0;

  const squeezeTail = (): void => {
    const all = Buffer.concat(tail);
    tail = [Buffer.from(all.subarray(Math.max(0, all.length - tailMax)))];
    tailBytes = tail[0]?.length ?? 0;
  };

  const add = (data: Uint8Array): void => {
    const chunk = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const streamed = chunk.subarray(0, Math.max(0, maxBytes - totalBytes));
    if (streamed.length > 0) onText(decoder.write(streamed));
    totalBytes += chunk.length;
    const first = chunk.subarray(0, headMax - headBytes);
    if (first.length > 0) head.push(first);
    headBytes += first.length;
    const rest = chunk.subarray(first.length);
    if (rest.length > 0) tail.push(rest);
    tailBytes += rest.length;
    // Squeezing only at twice the size keeps the copying linear in the output.
    if (tailBytes > 2 * tailMax) squeezeTail();
  };

  const text = (): string => {
    if (tailBytes > tailMax) squeezeTail();
    const left = totalBytes - headBytes - tailBytes;
    if (left === 0) return Buffer.concat([...head, ...tail]).toString("utf8");
    const note = `\n[… ${left} bytes left out …]\n`;
    return Buffer.concat(head).toString("utf8") + note + Buffer.concat(tail).toString("utf8");
  };

  return { add, text, isTruncated: () => totalBytes > maxBytes };
}
