import type { Notice, NoticeChannel } from "@council/contracts";
import { RuntimeError, type SettingValues } from "@council/runtime";
import { Webhook } from "standardwebhooks";
import { signedHeaders } from "../signed-headers.ts";
import type { noticeSettings } from "./notice-settings.ts";
import { pagerEvent } from "./pager-event.ts";
import { postNotice } from "./post-notice.ts";
import { slackMessage } from "./slack-message.ts";

/** A place where people are told. */
export interface Channel {
  readonly name: NoticeChannel;
  readonly levels: readonly Notice["level"][];
  /** Rejects with one sentence while the channel does not take it. */
  readonly send: (notice: Notice) => Promise<void>;
}

type Values = SettingValues<typeof noticeSettings>;

const json = { "content-type": "application/json" } as const;
const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The channels that are configured. Throws RuntimeError `configuration-refused` for an address that is
 * none or would show its secret on the way, and for a webhook without a key to sign with.
 */
export function noticeChannels(values: Values, timeoutMs = 10_000): Channel[] {
  const { slackUrl, noticeUrl, pagerKey } = values;
  const channels: Channel[] = [];
  if (slackUrl !== undefined) {
    const url = address("SLACK_WEBHOOK_URL", slackUrl);
    const send = (notice: Notice) =>
      postNotice("slack", {
        url,
        headers: json,
        body: JSON.stringify(slackMessage(notice)),
        timeoutMs,
      });
    channels.push({ name: "slack", levels: values.slackLevels, send });
  }
  if (noticeUrl !== undefined) {
    const url = address("COUNCIL_NOTICE_URL", noticeUrl);
    const webhook = signer(values.noticeSecret);
    const send = (notice: Notice) => {
      const body = JSON.stringify(notice);
      const headers = signedHeaders(webhook, notice.id, body);
      return postNotice("webhook", { url, headers, body, timeoutMs });
    };
    channels.push({ name: "webhook", levels: values.noticeLevels, send });
  }
  if (pagerKey !== undefined) {
    const url = address("COUNCIL_PAGER_URL", values.pagerUrl);
    const send = (notice: Notice) =>
      postNotice("pager", {
        url,
        headers: json,
        body: JSON.stringify(pagerEvent(notice, pagerKey)),
        timeoutMs,
      });
    channels.push({ name: "pager", levels: values.pagerLevels, send });
  }
  return channels;
}

/** Never quotes the address: it may hold a key. */
function address(variable: string, text: string): string {
  const url = URL.parse(text);
  const isSafe =
    url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback.test(url.hostname));
  if (url && isSafe && url.username === "" && url.password === "") return url.href;
  throw refused(`${variable}: write an https address without user name and password`);
}

function signer(secret: string | undefined): Webhook {
  try {
    if (secret !== undefined) return new Webhook(secret);
  } catch {
    // Not a key in base64; said below without showing it.
  }
  throw refused("COUNCIL_NOTICE_SECRET: notices are signed; set it to whsec_<base64>");
}

const refused = (text: string) => new RuntimeError("configuration-refused", text);
