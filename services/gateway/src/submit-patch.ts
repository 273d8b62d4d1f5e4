import { type Submission, submissionSchema } from "@council/contracts";
import type { BusCall } from "./bounded-bus.ts";
import type { GuardedRepositories } from "./guarded-repositories.ts";
import { checked, parseJson } from "./read-body.ts";
import { type Delivered, sha256, type Taken, takePatch } from "./take-patch.ts";
import type { Signed } from "./verify-signature.ts";

export interface Submitting {
  readonly call: BusCall;
  readonly repositories: GuardedRepositories;
  readonly clock: () => number;
}

/** `POST /v1/patches`: a verified body becomes one patch. */
export function submitPatch(deps: Submitting, signed: Signed): Promise<Taken> {
  const body = checked(submissionSchema, parseJson(signed.text));
  return takePatch(deps, deliveredOf(deps.repositories, signed, body));
}

function deliveredOf(
  repositories: GuardedRepositories,
  { sender, deliveryId, text }: Signed,
  body: Submission,
): Delivered {
  const { config, policy } = repositories.byId(body.repository);
  const { diff, targetBranch = config.targetBranch, ...rest } = body;
  return {
    sender,
    deliveryId,
    bodyDigest: sha256(text),
    patch: { ...rest, targetBranch, policy },
    ...(diff === undefined ? {} : { diff }),
  };
}
