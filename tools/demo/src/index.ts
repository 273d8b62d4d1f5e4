export { runDemo, type DemoExit, type DemoOptions } from "./run-demo.ts";
