import { routes } from "@council/contracts";

/** Every route as the metrics name it; a route missing here is counted as `other`. */
export const routeNames: readonly string[] = [
  ...Object.values(routes),
  `${routes.deadLetters}/redrive`,
  "/v1/queues",
  "/healthz",
  "/readyz",
  "/metrics",
  "/",
];
