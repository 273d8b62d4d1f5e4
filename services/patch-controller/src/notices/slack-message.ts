import type { Notice } from "@council/contracts";

/** Slack refuses a longer text in one block. */
const longest = 2900;

/**
 * A notice as Slack's incoming webhooks take it. Titles and reasons come from strangers: they stand in
 * `plain_text` or are escaped, so that they mention nobody and link nowhere.
 */
export function slackMessage(notice: Notice): object {
  const { level, text, patch, links, id } = notice;
  const where = `${patch.repository} ${patch.targetBranch}`;
  const by = `${patch.title}, by ${patch.author}`;
  const runbook = /^https?:/.test(links.runbook)
    ? `<${escaped(links.runbook)}|runbook>`
    : escaped(links.runbook);
  const patchName = patch.externalId ?? patch.id;
  return {
    // What a phone shows.
    text: escaped(cut(`[${level}] ${where}: ${text}`)),
    unfurl_links: false,
    blocks: [
      section("plain_text", `[${level}] ${where}: ${text}`),
      section("plain_text", by),
      section("mrkdwn", `<${escaped(links.patch)}|${escaped(patchName)}> · ${runbook}`),
      { type: "context", elements: [{ type: "plain_text", text: id }] },
    ],
  };
}

const section = (type: "plain_text" | "mrkdwn", text: string) => ({
  type: "section",
  text: { type, text: cut(text) },
});

const cut = (text: string) => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** Slack's own three; a bar would end the address of a link. */
const escaped = (text: string) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("|", "%7C");
