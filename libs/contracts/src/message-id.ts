import { hash } from "node:crypto";

/** Room for what is appended, below the 200 characters that a nonce or a name may have. */
const maxLength = 150;

/**
 * The id of the message that follows as `part` from the message `cause`: the same each time it is worked
 * out (P1). A chain of causes may be as long as a queue, in which each patch lets the next one in, or as a watch
 * is; from 150 characters on the cause stands in it by 160 bits of its SHA-256.
 */
export function idAfter(cause: string, part: string): string {
  const id = `${cause}.${part}`;
  return id.length <= maxLength ? id : `${hash("sha256", cause).slice(0, 40)}.${part}`;
}
