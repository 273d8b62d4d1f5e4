/** One exchange with a channel. Nothing of the address or of the answer's text gets into an error. */

/**
 * Posts and resolves once the channel says 2xx. Rejects otherwise, with one sentence that names the channel
 * only: its address is a secret, and what it answers is a stranger's text. Redirects are not followed, so
 * nothing but the configured address is ever asked.
 */
export async function postNotice(
  channel: string,
  request: {
    readonly url: string;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
  },
): Promise<void> {
  const { url, body, headers, timeoutMs } = request;
  let status: number;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(url, { method: "POST", body, headers, redirect: "manual", signal });
    ({ status } = answer);
    await answer.body?.cancel();
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    const what = isLate ? `does not answer in ${timeoutMs} ms` : "cannot be reached";
    // Without its cause, which would name the host.
    throw new Error(`${channel} ${what}`); // oxlint-disable-line preserve-caught-error
  }
  if (status < 200 || status > 299) throw new Error(`${channel} answers ${status}`);
}
