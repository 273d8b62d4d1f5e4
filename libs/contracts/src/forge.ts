/** Where a repository's changes are proposed, and how Council gets at its remote, as an operator writes it. */
import { z } from "zod";

const file = z.string().min(1).max(1000);
const token = z.strictObject({ kind: z.literal("token"), tokenFile: file });
const url = z.url({ protocol: /^https?$/ });
/** `push`: Council pushes the landing itself, behind its fence. `forge`: the forge merges the change. */
const project = z.string().regex(/^[\w.-]{1,60}\/[\w.-]{1,100}$/, "owner/name");
const merge = z.enum(["push", "forge"]).default("push");

export const forgeSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("github"),
    project,
    apiUrl: url.default("https://api.github.com"),
    /** Check runs with annotations need an app; with a token there is a commit status instead. */
    auth: z.discriminatedUnion("kind", [
      token,
      z.strictObject({
        kind: z.literal("app"),
        appId: z.number().int().positive(),
        /** Looked up when absent. */
        installationId: z.number().int().positive().exactOptional(),
        privateKeyFile: file,
      }),
    ]),
    merge,
  }),
  /** Gitea and Forgejo. */
  z.strictObject({
    kind: z.literal("gitea"),
    project,
    /** Ends in `/api/v1`. */
    apiUrl: url,
    auth: token,
    merge,
  }),
  z.strictObject({
    kind: z.literal("gitlab"),
    /** With all its groups. */
    project: z.string().regex(/^[\w.-]{1,100}(\/[\w.-]{1,100}){1,20}$/, "group/name"),
    /** Ends in `/api/v4`. */
    apiUrl: url.default("https://gitlab.com/api/v4"),
    auth: token,
    merge,
  }),
]);
export type ForgeConfig = z.infer<typeof forgeSchema>;
export type ForgeKind = ForgeConfig["kind"];

/** The ref under which a forge keeps the head of a proposed change. */
export const proposalRef = (kind: ForgeKind, number: number) =>
  kind === "gitlab" ? `refs/merge-requests/${number}/head` : `refs/pull/${number}/head`;

/** How to authenticate to the remote. Files are read again when they change. */
export const accessSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("token"),
    username: z
      .string()
      .regex(/^[\w.@-]{1,200}$/)
      .default("x-access-token"),
    tokenFile: file,
  }),
  z.strictObject({ kind: z.literal("ssh"), keyFile: file, knownHostsFile: file }),
]);
export type AccessConfig = z.infer<typeof accessSchema>;

/** What a patch from a forge is called elsewhere: `owner/name#number`. */
export const changeName = (project: string, number: number) => `${project}#${number}`;

/** The number in a change's name, or undefined when it names no change of this project. */
export function changeNumber(project: string, name: string | undefined): number | undefined {
  const match = /^(.+)#([1-9]\d{0,9})$/.exec(name ?? "");
  if (match?.[1]?.toLowerCase() !== project.toLowerCase()) return undefined;
  return Number(match[2]);
}
