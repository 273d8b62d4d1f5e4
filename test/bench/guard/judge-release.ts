/** What the head `rules` says of one release: through git, the reader and the thread it works in. */
import { type Head, readAuditedChange, unread } from "@council/auditor/guard";
import type { Finding } from "@council/domain";
import { sha256Hex } from "@council/evidence";
import { diffBytes, fetchBranches } from "@council/git";
import { testRemote } from "@council/git/testing";
import { filesOf, type Release } from "./releases.ts";

export interface Judged {
  readonly release: string;
  readonly findings: readonly Finding[];
  readonly cpuMs: number;
}

export const titleOf = ({ name, from, to }: Release) => `${name} ${from} → ${to}`;

export async function judgeRelease(head: Head, release: Release): Promise<Judged> {
  const { name, from, to } = release;
  const [before, after] = [await filesOf(name, from), await filesOf(name, to)];
  await using remote = await testRemote(before);
  const base = (await remote.head()) ?? "";
  const gone = Object.keys(before).filter((path) => !(path in after));
  const files = { ...after, ...Object.fromEntries(gone.map((path) => [path, null])) };
  const work = await remote.commit({ files });
  const mirror = await remote.mirror();
  await fetchBranches(mirror);
  const diff = await diffBytes(mirror, base, work);
  const digest = sha256Hex(diff);
  const shape = { tier: "docs", riskTags: [], paths: [] } as const;
  const candidate = { base, tree: "", diff: digest, digest, semanticDigest: digest, ...shape };
  const about = { repository: name, targetBranch: "main", title: to, author: name };
  const patch = { id: "p00-release0", ...about };
  const startedAt = process.cpuUsage();
  const read = await readAuditedChange({ mirror, patch, candidate, diff });
  const { findings } =
    read.kind === "read"
      ? await head.judge(read.change, new AbortController().signal)
      : unread(read.code, read.reason);
  const { user, system } = process.cpuUsage(startedAt);
  return { release: titleOf(release), findings, cpuMs: (user + system) / 1000 };
}
