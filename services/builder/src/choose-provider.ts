import {
  commandProvider,
  findSandbox,
  recordedProvider,
  type RenderProvider,
} from "@council/providers";
import { RuntimeError } from "@council/runtime";
import { z } from "zod";

interface Choice {
  readonly provider: "command" | "recorded";
  readonly family: string;
  readonly command: string;
  readonly recordings: string;
  readonly allowsNetwork: boolean;
  readonly programPaths: readonly string[];
}

/** The provider an operator chose. Without a sandbox a command is refused, not run. */
export async function chooseProvider(choice: Choice): Promise<RenderProvider> {
  const { family } = choice;
  if (choice.provider === "recorded")
    return recordedProvider({ name: "recorded", family, dir: choice.recordings });
  const command = z.array(z.string().min(1)).min(1).safeParse(readJson(choice.command));
  if (!command.success) {
    const wanted =
      'COUNCIL_BUILDER_COMMAND: write the program and its arguments as a JSON array, like ["agent","--yes"]';
    throw new RuntimeError("configuration-refused", wanted);
  }
  const sandbox = await findSandbox();
  if (sandbox.kind === "unavailable") {
    throw new RuntimeError(
      "configuration-refused",
      `sandbox: ${sandbox.reason}; ${sandbox.remedy}`,
    );
  }
  return commandProvider({
    name: "command",
    family,
    command: command.data,
    sandbox,
    network: choice.allowsNetwork,
    readOnlyPaths: choice.programPaths,
    maxOutputBytes: 256 * 1024,
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
