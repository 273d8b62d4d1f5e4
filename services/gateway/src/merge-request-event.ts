import { headers } from "@council/contracts";
import { GatewayError, type Issue } from "./problems.ts";
import { capped, type Fields, fieldsOf, type ReadEvent } from "./pull-request-event.ts";
import { invalidBody } from "./read-body.ts";

const remedy = "send the delivery as GitLab made it";
/** An update may be of the title only: the same commits are the same patch. */
const proposing = new Set(["open", "reopen", "update"]);

/**
 * Reads a delivery of GitLab. Throws GatewayError `event-mismatch` when header and body disagree, because a
 * token in clear covers neither, and `body-invalid` when a merge request lacks what is needed.
 */
export function readMergeRequest(event: string | string[] | undefined, body: unknown): ReadEvent {
  const fields = fieldsOf(body);
  const isAboutChange = fields["object_kind"] === "merge_request";
  if (isAboutChange !== (event === "Merge Request Hook")) {
    throw new GatewayError("event-mismatch", {
      field: headers.gitlabEvent,
      detail: isAboutChange
        ? "the body is a merge_request event and the header says otherwise"
        : "the header says Merge Request Hook and the body is another event",
      remedy,
    });
  }
  if (!isAboutChange) return { kind: "other", reason: "only merge request events are taken in" };
  const change = fieldsOf(fields["object_attributes"]);
  const action = String(change["action"]);
  if (action === "close") return { kind: "closed", ...placeOf(fields) };
  if (!proposing.has(action) || change["state"] !== "opened") {
    const reason = `a merge request had the action ${action.slice(0, 40)}: nothing to take in`;
    return { kind: "other", reason };
  }
  const { repository, number } = placeOf(fields);
  const targetBranch = change["target_branch"];
  if (typeof targetBranch !== "string" || targetBranch === "")
    throw invalidBody([{ field: "object_attributes.target_branch", detail: "is missing", remedy }]);
  // A delivery names whoever acted; who proposed the change only while that is the same.
  const by = fieldsOf(fields["user"])["username"];
  return {
    kind: "pull-request",
    isAskingAnew: action === "reopen",
    repository,
    number,
    baseBranch: targetBranch.slice(0, 201),
    title: capped(change["title"], `merge request ${number}`),
    ...(action === "open" ? { author: capped(by, "unknown") } : {}),
  };
}

function placeOf(fields: Fields): { readonly repository: string; readonly number: number } {
  const number = fieldsOf(fields["object_attributes"])["iid"];
  const repository = fieldsOf(fields["project"])["path_with_namespace"];
  const issues: Issue[] = [];
  const isNumber = Number.isInteger(number) && Number(number) > 0 && Number(number) < 2 ** 31;
  if (!isNumber) {
    const detail = "is not the number of a merge request";
    issues.push({ field: "object_attributes.iid", detail, remedy });
  }
  if (typeof repository !== "string" || !/^[\w./-]{3,1000}$/.test(repository)) {
    const detail = "is not group/name";
    issues.push({ field: "project.path_with_namespace", detail, remedy });
  }
  if (issues.length > 0) throw invalidBody(issues);
  return { repository: String(repository), number: Number(number) };
}
