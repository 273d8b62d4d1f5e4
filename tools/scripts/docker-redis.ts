import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { isRedisUp, redisSettings } from "./private-redis.ts";
import { findOnPath, lastLines, runProcess } from "./run-process.ts";

export type DockerRedis =
  | { readonly kind: "up"; readonly url: string; readonly stop: () => Promise<void> }
  | { readonly kind: "failed"; readonly reason: string };

const upMs = 20_000;

/** Whether a container engine answers the `docker` client within 10 s. */
export async function isDockerUp(env: NodeJS.ProcessEnv): Promise<boolean> {
  if (findOnPath("docker", env) === undefined) return false;
  const options = { env, timeoutMs: 10_000 };
  const info = await runProcess("docker", ["info", "--format", "{{.ServerVersion}}"], options);
  return info.ok && /^\d/.test(info.stdout.trim());
}

/** Runs Redis 7 in a container published on a free loopback port; `stop` removes the container. */
export async function startDockerRedis(env: NodeJS.ProcessEnv): Promise<DockerRedis> {
  const name = `council-redis-${randomBytes(4).toString("hex")}`;
  const container = ["--detach", "--rm", "--name", name, "--publish", "127.0.0.1::6379", "redis:7"];
  const options = { env, timeoutMs: 300_000 };
  const run = await runProcess(
    "docker",
    ["run", ...container, "redis-server", ...redisSettings],
    options,
  );
  if (!run.ok) return { kind: "failed", reason: lastLines(run.stderr, 3) };
  const stop = async () => void (await runProcess("docker", ["rm", "--force", name], { env }));
  const published = await runProcess("docker", ["port", name, "6379/tcp"], { env });
  const port = publishedPort(published.stdout);
  const deadline = Date.now() + upMs;
  while (port !== undefined && Date.now() < deadline) {
    if (await isRedisUp(port)) return { kind: "up", url: `redis://127.0.0.1:${port}`, stop };
    await delay(100);
  }
  await stop();
  return { kind: "failed", reason: `the container ${name} did not answer` };
}

/** The loopback port in the output of `docker port`. */
export function publishedPort(output: string): number | undefined {
  const found = /^127\.0\.0\.1:(\d+)$/m.exec(output.trim())?.[1];
  return found === undefined ? undefined : Number(found);
}
