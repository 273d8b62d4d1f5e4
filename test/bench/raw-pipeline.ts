/** Commands written as prepared bytes over plain sockets: what a client costs is not in the time. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

/** Commands that are written in one go. */
export type Chunk = readonly (readonly (string | number | Buffer)[])[];

/** On their way in each connection: while one is answered the server has the next. */
const unanswered = 2;
const pong = "+PONG\r\n";

/** The chunk as bytes, closed by a PING whose answer tells that all before it are answered. */
export function encodeChunk(chunk: Chunk): Buffer {
  const parts = [...chunk, ["PING"]].flatMap((words) => {
    const encoded = words.flatMap((word) => {
      const bytes = Buffer.isBuffer(word) ? word : Buffer.from(String(word));
      return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")];
    });
    return [Buffer.from(`*${words.length}\r\n`), ...encoded];
  });
  return Buffer.concat(parts);
}

/** Deals the chunks to so many connections, two on their way in each; resolves to the seconds all took. */
export async function timePipeline(
  redisUrl: string,
  chunks: readonly Buffer[],
  connections: number,
): Promise<number> {
  const { hostname, port } = new URL(redisUrl);
  const hands = Array.from({ length: connections }, (_, hand) => ({
    socket: connect({ host: hostname, port: Number(port), noDelay: true }),
    chunks: chunks.filter((_chunk, at) => at % connections === hand),
  }));
  await Promise.all(hands.map(({ socket }) => once(socket, "connect")));
  const startedAt = performance.now();
  await Promise.all(hands.map((hand) => writeAll(hand.socket, hand.chunks)));
  const seconds = (performance.now() - startedAt) / 1000;
  for (const { socket } of hands) socket.destroy();
  return seconds;
}

/** Resolves when the last chunk is answered. */
async function writeAll(socket: Socket, chunks: readonly Buffer[]): Promise<void> {
  if (chunks.length === 0) return;
  const finished = Promise.withResolvers<void>();
  let written = 0;
  let answered = 0;
  let tail = "";
  const fill = (): void => {
    for (; written < chunks.length && written - answered < unanswered; written += 1)
      socket.write(chunks[written]!);
  };
  socket.on("data", (bytes) => {
    const text = tail + bytes.toString("latin1");
    let from = 0;
    for (let at = text.indexOf(pong); at >= 0; at = text.indexOf(pong, from)) {
      answered += 1;
      from = at + pong.length;
    }
    tail = text.slice(Math.max(from, text.length - pong.length + 1));
    if (answered === chunks.length) finished.resolve();
    else fill();
  });
  socket.on("error", finished.reject);
  socket.on("close", () => finished.reject(new Error("the server closed the connection")));
  fill();
  await finished.promise;
}
