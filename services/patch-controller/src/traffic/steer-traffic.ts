/**
 * Moves traffic between the arms as stages and reverts ask for it. Drivers live in this service because
 * only the controller performs effects of a decision, next to the git they belong with. An order that
 * cannot be carried out holds a landing back and never a revert (P4).
 */
import type { Steered, Traffic, TrafficOrder } from "@council/contracts";
import { RuntimeError } from "@council/runtime";
import { argoRolloutsDriver } from "./argo-rollouts-driver.ts";
import { commandDriver } from "./command-driver.ts";
import { gatewayApiDriver } from "./gateway-api-driver.ts";
import { httpDriver } from "./http-driver.ts";

/** Never rejects; ends within the driver's timeout, about. */
export type SteerTraffic = (order: TrafficOrder) => Promise<Steered>;

export interface Driven {
  readonly targetBranch: string;
  readonly traffic?: Traffic;
}

/**
 * The driver of each repository. Throws RuntimeError `configuration-refused` when one could not sign its
 * orders. A patch for another branch than the repository's own has no traffic to
 * steer, and a repository without a driver takes every order as carried out: its branches decide.
 */
export function trafficOf(
  repositories: ReadonlyMap<string, Driven>,
  secret: string | undefined,
): (repository: string, targetBranch: string) => SteerTraffic | undefined {
  const drivers = new Map<string, SteerTraffic>();
  for (const [id, { traffic }] of repositories) {
    if (traffic) drivers.set(id, driverOf(traffic, secret));
  }
  return (repository, targetBranch) =>
    repositories.get(repository)?.targetBranch === targetBranch
      ? drivers.get(repository)
      : undefined;
}

/**
 * The place of an order among all orders of a lane. Tokens grow with every grant, and a drain comes
 * after the order of the landing that holds the same token.
 */
export const sequenceOf = (token: number, isDrain: boolean) => token * 2 + (isDrain ? 1 : 0);

function signedDriver(
  traffic: Extract<Traffic, { kind: "http" }>,
  secret: string | undefined,
): SteerTraffic {
  try {
    if (secret !== undefined) return httpDriver(traffic, secret);
  } catch {
    // Not a key in base64; said below without showing it.
  }
  const text =
    "COUNCIL_TRAFFIC_SECRET: orders to a traffic service are signed; set it to whsec_<base64>";
  throw new RuntimeError("configuration-refused", text);
}

function driverOf(traffic: Traffic, secret: string | undefined): SteerTraffic {
  switch (traffic.kind) {
    case "command":
      return commandDriver(traffic);
    case "http":
      return signedDriver(traffic, secret);
    case "argo-rollouts":
      return argoRolloutsDriver(traffic);
    case "gateway-api":
      return gatewayApiDriver(traffic);
  }
}
