/** What others need to put a Council around the sample product, or around a repository of their own. */
export { followEvents } from "./follow.ts";
export { nameTheSource } from "./patches/name-the-source.ts";
export { runGit } from "./run-git.ts";
export { makeSampleRepository } from "./sample-repository.ts";
