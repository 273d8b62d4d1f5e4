import { allPages, type ForgeHttp } from "./forge-http.ts";
import { fieldsOf, numberIn, textOr } from "./read-fields.ts";

const mostComments = 2000;

/** The comments of one change, where GitHub and Gitea keep them. */
export interface Saying {
  readonly http: ForgeHttp;
  /** `/repos/owner/name` */
  readonly repo: string;
  readonly number: number;
  /** Tells Council's comments from those that only begin like one. */
  readonly isOurs: (comment: unknown) => Promise<boolean>;
}

/** Makes or edits the one comment with this marker; writes nothing when it reads so already (P1). */
export async function sayOnce(saying: Saying, marker: string, body: string): Promise<void> {
  const { http, repo, number, isOurs } = saying;
  const path = `${repo}/issues/${number}/comments`;
  for (const comment of await allPages(http, { path }, { most: mostComments })) {
    const fields = fieldsOf(comment);
    const text = textOr(fields, "body", "").replaceAll("\r\n", "\n");
    if (!text.startsWith(marker) || !(await isOurs(comment))) continue;
    if (text.trimEnd() === body.trimEnd()) return;
    const own = `${repo}/issues/comments/${numberIn(fields, "id")}`;
    await http({ method: "PATCH", path: own, body: { body } });
    return;
  }
  await http({ method: "POST", path, body: { body } });
}

/** Whether the user these credentials stand for wrote a comment; asked once. */
export function byOurUser(http: ForgeHttp): (comment: unknown) => Promise<boolean> {
  let self: Promise<number> | undefined;
  return async (comment) => {
    self ??= http({ method: "GET", path: "/user" }).then(({ body }) =>
      numberIn(fieldsOf(body), "id"),
    );
    self.catch(() => (self = undefined));
    return fieldsOf(fieldsOf(comment)["user"])["id"] === (await self);
  };
}
