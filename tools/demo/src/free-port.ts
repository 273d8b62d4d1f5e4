import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/**
 * `count` different ports that were free on loopback a moment ago. They stay the same over restarts
 * of whoever gets them, which port 0 would not; another program could still take one in between.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(probes.map((probe) => once(probe, "listening")));
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port);
  await Promise.all(probes.map((probe) => once(probe.close(), "close")));
  return ports;
}
