import { GatewayError, type Issue } from "./problems.ts";
import { invalidBody } from "./read-body.ts";

/** What is taken from a delivery: names to look up, and a title for people. */
export interface PullRequestEvent {
  readonly kind: "pull-request";
  /** Judged again although the same commits were before. */
  readonly isAskingAnew: boolean;
  /** `owner/name` */
  readonly repository: string;
  readonly number: number;
  readonly baseBranch: string;
  readonly title: string;
  /** Absent when the delivery does not tell. */
  readonly author?: string;
}

export type ReadEvent =
  | PullRequestEvent
  /** Nobody wants it any more. */
  | { readonly kind: "closed"; readonly repository: string; readonly number: number }
  | { readonly kind: "other"; readonly reason: string };

export type Fields = Readonly<Record<string, unknown>>;

const proposing = new Set(["opened", "synchronize", "synchronized", "reopened"]);
/** Gitea calls a new head an event of its own. */
const pullEvents = new Set(["pull_request", "pull_request_sync"]);
const longestText = 200;

/**
 * Reads a delivery. Throws GatewayError `event-mismatch` when header and body disagree, because the
 * header is not signed, and `body-invalid` when a pull request lacks what is needed.
 */
export function readPullRequest(
  event: string | string[] | undefined,
  body: unknown,
  eventHeader: string,
): ReadEvent {
  const fields = fieldsOf(body);
  const isAboutPull = isPullRequestBody(fields);
  if (isAboutPull !== (typeof event === "string" && pullEvents.has(event))) {
    throw new GatewayError("event-mismatch", {
      field: eventHeader,
      detail: isAboutPull
        ? "the body is a pull_request event and the header says otherwise"
        : "the header says pull_request and the body is another event",
      remedy: "send the delivery as GitHub made it",
    });
  }
  if (!isAboutPull) return { kind: "other", reason: "only pull_request events are taken in" };
  const action = String(fields["action"]);
  if (action === "closed" && fieldsOf(fields["pull_request"])["merged"] !== true) {
    const { repository, number } = pullRequestOf(fields, action);
    return { kind: "closed", repository, number };
  }
  if (!proposing.has(action)) {
    return {
      kind: "other",
      reason: `a pull request was ${action.slice(0, 40)}: nothing to take in`,
    };
  }
  return pullRequestOf(fields, action);
}

/** Other events carry a pull request too, but none has a number, a head and a base without a topic of its own. */
function isPullRequestBody(fields: Fields): boolean {
  const pull = fieldsOf(fields["pull_request"]);
  return (
    typeof fields["action"] === "string" &&
    typeof fields["number"] === "number" &&
    typeof pull["number"] === "number" &&
    "head" in pull &&
    "base" in pull
  );
}

function pullRequestOf(fields: Fields, action: string): PullRequestEvent {
  const pull = fieldsOf(fields["pull_request"]);
  const [number, repository] = [fields["number"], fieldsOf(fields["repository"])["full_name"]];
  const baseBranch = fieldsOf(pull["base"])["ref"];
  const issues: Issue[] = [];
  const check = (isSound: boolean, field: string, detail: string) => {
    if (!isSound) issues.push({ field, detail, remedy: "send the delivery as GitHub made it" });
  };
  const isNumber = Number.isInteger(number) && Number(number) > 0 && Number(number) < 2 ** 31;
  check(isNumber && pull["number"] === number, "number", "is not the number of the pull request");
  check(
    typeof repository === "string" && /^[\w.-]{1,60}\/[\w.-]{1,100}$/.test(repository),
    "repository.full_name",
    "is not owner/name",
  );
  check(typeof baseBranch === "string" && baseBranch !== "", "pull_request.base.ref", "is missing");
  if (issues.length > 0) throw invalidBody(issues);
  return {
    kind: "pull-request",
    isAskingAnew: action === "reopened",
    repository: String(repository),
    number: Number(number),
    baseBranch: String(baseBranch).slice(0, longestText + 1),
    title: capped(pull["title"], `pull request ${String(number)}`),
    author: capped(fieldsOf(pull["user"])["login"], "unknown"),
  };
}

/** Text for people: never empty, never longer than a patch's title may be, no half characters. */
export function capped(value: unknown, otherwise: string): string {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? otherwise : text.slice(0, longestText).toWellFormed();
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
