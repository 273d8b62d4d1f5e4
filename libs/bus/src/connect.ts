import { Redis } from "ioredis";
import { BusError } from "./bus-error.ts";

export interface ConnectOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** Shown in the server's client list. */
  readonly name: string;
  /** The connection will wait in blocking reads. */
  readonly blocking?: boolean;
  /** How long the server may be silent while an answer is due. Must exceed the longest blocking read. */
  readonly socketTimeoutMs?: number;
  /** Told of every link error; the connection repairs itself. */
  readonly onError?: (error: Error) => void;
}

// A paused or half-dead server keeps its sockets open; only silence gives it away. Without a limit on silence
// clients keep writing to a primary that was replaced long ago, and those writes are lost.
const SOCKET_TIMEOUT_MS = 3000;
/** Blocking reads wait up to 2 s, and their silence is normal. */
const BLOCKING_SOCKET_TIMEOUT_MS = 4000;

/**
 * One connection that outlives server restarts. Commands wait while the link is down and are sent again when
 * their answer was lost, so every write has to be safe to repeat; bound the wait at the edge that needs it.
 * Connects at once, in the background.
 */
export function connect(options: ConnectOptions): Redis {
  const usual = options.blocking ? BLOCKING_SOCKET_TIMEOUT_MS : SOCKET_TIMEOUT_MS;
  const redis = new Redis(options.url, {
    connectionName: options.name,
    protocol: 2,
    socketTimeout: options.socketTimeoutMs ?? usual,
    keepAlive: 10_000,
    connectTimeout: 3000,
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: true,
    enableAutoPipelining: false,
    retryStrategy: (attempt) => Math.min(1000, 25 * 2 ** attempt) * (0.75 + Math.random() / 2),
    // A replica answers READONLY after a failover: connect again, to the new primary, and send again.
    reconnectOnError: (error) => (error.message.startsWith("READONLY") ? 2 : false),
  });
  redis.on("error", options.onError ?? ignore);
  return redis;
}

function ignore(): void {
  // Link errors repair themselves and show in health checks; without a listener they would go to the console.
}

/**
 * Closes a connection for good: every command waiting on it fails, at the latest after the connect timeout.
 * `disconnect` alone forgets the commands that wait while there is no socket.
 */
export function closeConnection(redis: Redis): void {
  redis.disconnect();
  if (redis.status !== "reconnecting") return;
  // Only the end of a socket makes the client fail what waits, so it gets one more, given up at once.
  redis.once("connect", () => redis.disconnect());
  redis.connect().catch(ignore);
}

// Errors that waiting cures: the server is loading, full, demoted or not yet complete again.
const TRANSIENT_REPLY =
  /^(OOM|LOADING|READONLY|MISCONF|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|NOGROUP|UNBLOCKED)\b/;

/** Whether trying again later can help. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof BusError) return false;
  if (error.name === "ReplyError") return TRANSIENT_REPLY.test(error.message);
  return (
    "code" in error || error.name === "AbortError" || error.name === "MaxRetriesPerRequestError"
  );
}

/** Passes a command's result on; a connection closed on purpose becomes `BusError` "closed". */
export async function settled<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    if (error instanceof Error && error.message === "Connection is closed.") {
      throw new BusError("closed", "the bus is closed", { cause: error });
    }
    throw error;
  }
}
