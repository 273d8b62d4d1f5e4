import type { Report } from "./forge.ts";
import { allPages, type ForgeHttp } from "./forge-http.ts";
import { fieldsOf, numberIn, textOr } from "./read-fields.ts";
import { commentMarker, commentOf, noticeMarker, noticeOf } from "./report-text.ts";

const mostComments = 2000;

/** The comments of one change. */
export interface Saying {
  readonly http: ForgeHttp;
  /** Where they are listed and made. */
  readonly path: string;
  readonly edit: { readonly method: "PATCH" | "PUT"; readonly pathOf: (id: number) => string };
  /** Tells Council's comments from those that only begin like one. */
  readonly isOurs: (comment: unknown) => Promise<boolean>;
}

/** Where GitHub and Gitea keep them; `repo` is `/repos/owner/name`. */
export const issueComments = (repo: string, number: number): Pick<Saying, "path" | "edit"> => ({
  path: `${repo}/issues/${number}/comments`,
  edit: { method: "PATCH", pathOf: (id) => `${repo}/issues/comments/${id}` },
});

/** Brings the one comment up to the report, and says its notice once. */
export async function sayReport(saying: Saying, report: Report): Promise<void> {
  if (report.isNewest) await sayOnce(saying, commentMarker, commentOf(report));
  const { notice, patchId } = report;
  if (notice !== undefined) await sayOnce(saying, noticeMarker(patchId), noticeOf(patchId, notice));
}

/** Makes or edits the one comment with this marker; writes nothing when it reads so already (P1). */
async function sayOnce(saying: Saying, marker: string, body: string): Promise<void> {
  const { http, path, edit, isOurs } = saying;
  for (const comment of await allPages(http, { path }, { most: mostComments })) {
    const fields = fieldsOf(comment);
    const text = textOr(fields, "body", "").replaceAll("\r\n", "\n");
    if (!text.startsWith(marker) || !(await isOurs(comment))) continue;
    if (text.trimEnd() === body.trimEnd()) return;
    const own = edit.pathOf(numberIn(fields, "id"));
    await http({ method: edit.method, path: own, body: { body } });
    return;
  }
  await http({ method: "POST", path, body: { body } });
}

/** Whether the user these credentials stand for wrote a comment, who is in its field `by`; asked once. */
export function byOurUser(
  http: ForgeHttp,
  by: "user" | "author" = "user",
): (comment: unknown) => Promise<boolean> {
  let self: Promise<number> | undefined;
  return async (comment) => {
    self ??= http({ method: "GET", path: "/user" }).then(({ body }) =>
      numberIn(fieldsOf(body), "id"),
    );
    self.catch(() => (self = undefined));
    return fieldsOf(fieldsOf(comment)[by])["id"] === (await self);
  };
}
