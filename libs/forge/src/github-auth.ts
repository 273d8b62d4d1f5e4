import type { ForgeConfig } from "@council/contracts";
import { ForgeError } from "./forge-error.ts";
import { readSecret } from "./read-secret.ts";

type GithubConfig = Extract<ForgeConfig, { kind: "github" }>;

/** Who Council is at GitHub, and the headers that prove it. */
export interface GithubAuth {
  readonly kind: "app" | "token";
  readonly appId?: number;
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
}

const own = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" };

export function githubAuth(config: GithubConfig): GithubAuth {
  const { auth } = config;
  if (auth.kind === "token")
    return {
      kind: "token",
      headers: async () => ({
        ...own,
        authorization: `Bearer ${await readSecret(auth.tokenFile)}`,
      }),
    };
  let opening: Promise<() => Promise<string>> | undefined;
  return {
    kind: "app",
    appId: auth.appId,
    headers: async () => {
      opening ??= openApp(config, auth);
      // A key that was not there yet, or an installation still to come, is looked for again.
      opening.catch(() => (opening = undefined));
      const token = await (
        await opening
      )().catch((error: unknown) => {
        throw failureOf(error);
      });
      return { ...own, authorization: `Bearer ${token}` };
    },
  };
}

/** The installation's tokens live an hour; the library keeps one and renews it in time. */
async function openApp(
  { apiUrl, project }: GithubConfig,
  auth: Extract<GithubConfig["auth"], { kind: "app" }>,
): Promise<() => Promise<string>> {
  const privateKey = await readSecret(auth.privateKeyFile);
  // Only who uses an app pays for its library.
  const [{ createAppAuth }, { request }] = await Promise.all([
    import("@octokit/auth-app"),
    import("@octokit/request"),
  ]);
  const baseUrl = apiUrl.replace(/\/$/, "");
  const bounded = request.defaults({
    baseUrl,
    request: { fetch: (url: string, init: RequestInit) => fetch(url, { ...init, ...limits() }) },
  });
  try {
    const appAuth = createAppAuth({ appId: auth.appId, privateKey, request: bounded });
    const installationId = auth.installationId ?? (await findInstallation());
    return async () => (await appAuth({ type: "installation", installationId })).token;

    async function findInstallation(): Promise<number> {
      const { token } = await appAuth({ type: "app" });
      const [owner = "", repo = ""] = project.split("/");
      const found = await bounded("GET /repos/{owner}/{repo}/installation", {
        owner,
        repo,
        headers: { authorization: `Bearer ${token}` },
      });
      return found.data.id;
    }
  } catch (error) {
    throw failureOf(error);
  }
}

const limits = () =>
  ({ redirect: "error", signal: AbortSignal.timeout(15_000) }) satisfies RequestInit;

function failureOf(error: unknown): ForgeError {
  if (error instanceof ForgeError) return error;
  const status = (error as { status?: unknown }).status;
  const isNo = status === 401 || status === 403 || status === 404;
  const what = typeof status === "number" ? `answered ${status}` : "was not reached";
  const text = `the app's installation could not be entered: GitHub ${what}`;
  return new ForgeError(isNo ? "unauthorized" : "unreachable", text);
}
