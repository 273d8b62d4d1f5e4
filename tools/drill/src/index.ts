export { faultNamed, faults, shortDrill } from "./fault.ts";
export { type DrillExit, type DrillOptions, type DrillOutcome, runDrill } from "./run-drill.ts";
