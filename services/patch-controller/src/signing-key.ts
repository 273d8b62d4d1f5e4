import { checkSigning, GitError, type Signing } from "@council/git";
import { RuntimeError } from "@council/runtime";

/** The key commits are signed with, tried once; throws RuntimeError `configuration-refused` for one that will not do. */
export async function signingOf(keyFile: string | undefined): Promise<Signing | undefined> {
  if (keyFile === undefined) return undefined;
  try {
    await checkSigning({ keyFile });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new RuntimeError(
      "configuration-refused",
      `COUNCIL_GIT_SIGNING_KEY_FILE: ${error.message}`,
    );
  }
  return { keyFile };
}
