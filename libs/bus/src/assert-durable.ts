import type { Redis } from "ioredis";

export type Durability =
  | { readonly kind: "durable"; readonly appendfsync: "always" | "everysec" }
  | { readonly kind: "unsafe"; readonly reasons: readonly string[] };

/**
 * Whether what the server acknowledges stays (P8): at least version 7.0, append-only file synced at least every
 * second, nothing ever evicted. A server that will not show its configuration counts as unsafe.
 */
export async function assertDurable(redis: Redis): Promise<Durability> {
  const reasons: string[] = [];
  const version = /redis_version:(\d+)\./.exec(await redis.info("server"))?.[1];
  if (version === undefined || Number(version) < 7) {
    reasons.push(`server version ${version ?? "unknown"}: 7.0 or later is needed`);
  }
  const config = await readConfig(redis);
  if (config === undefined) {
    return { kind: "unsafe", reasons: [...reasons, "CONFIG GET is refused: cannot check"] };
  }
  const policy = config.get("maxmemory-policy");
  if (policy !== "noeviction") {
    reasons.push(`maxmemory-policy is ${policy}: entries can be evicted; set noeviction`);
  }
  if (config.get("appendonly") !== "yes") {
    reasons.push("appendonly is off: a restart loses entries; set yes");
  }
  const appendfsync = config.get("appendfsync");
  if (appendfsync !== "always" && appendfsync !== "everysec") {
    reasons.push(`appendfsync is ${appendfsync}: set always or everysec`);
  } else if (reasons.length === 0) {
    return { kind: "durable", appendfsync };
  }
  return { kind: "unsafe", reasons };
}

async function readConfig(redis: Redis): Promise<Map<string, string> | undefined> {
  const found = new Map<string, string>();
  try {
    for (const name of ["maxmemory-policy", "appendonly", "appendfsync"]) {
      const reply = (await redis.config("GET", name)) as string[];
      found.set(name, reply[1] ?? "unknown");
    }
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError") return undefined;
    throw error;
  }
  return found;
}
