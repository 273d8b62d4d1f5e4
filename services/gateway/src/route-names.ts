import { operations } from "./openapi/operations.ts";

/** Every route as the metrics name it; a route missing here is counted as `other`. */
export const routeNames: readonly string[] = [
  ...new Set(Object.keys(operations).map((route) => route.slice(route.indexOf(" ") + 1))),
];
