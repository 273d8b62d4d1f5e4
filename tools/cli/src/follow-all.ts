/** Every event of every patch on the terminal, as it happens. */
import type { LedgerEntry } from "@council/contracts";
import { routes } from "@council/contracts/names";
import { followEvents } from "@council/demo/follow";
import { askForJson, type Gateway } from "./ask-gateway.ts";
import { showEntry } from "./follow-patch.ts";
import { cut, printable, report } from "./terminal.ts";

const titleColumns = 24;

/** Resolves when aborted. Throws CommandError when the gateway refuses the first question. */
export async function followAll(
  gateway: Gateway,
  { signal, isJson = false }: { readonly signal: AbortSignal; readonly isJson?: boolean },
): Promise<void> {
  const { patches } = await askForJson<{ patches: { id: string; title?: string }[] }>(
    gateway,
    `${routes.patches}?limit=200`,
  );
  const titles = new Map(patches.map(({ id, title }) => [id, title ?? id]));
  await followEvents({
    url: gateway.url,
    ...(gateway.token === undefined ? {} : { token: gateway.token }),
    signal,
    onEntry: (entry: LedgerEntry) => {
      const { patchId, event } = entry;
      if (event.type === "PatchSubmitted") titles.set(patchId, event.patch.title);
      const title = cut(printable(titles.get(patchId) ?? patchId), titleColumns);
      showEntry(entry, isJson, `${title.padEnd(titleColumns)}  `);
    },
    onOpen: () => report(`following ${gateway.url}; Ctrl-C ends it`),
    onLost: (reason) => report(`the live feed was lost (${reason}); taking it up again`),
  });
}
