import { Argument, type Command } from "commander";
import { withExamples } from "./gateway-command.ts";
import { say } from "./terminal.ts";

const about = `
Bash:  council completion bash > ~/.local/share/bash-completion/completions/council
Zsh:   council completion zsh >> ~/.zshrc
Fish:  council completion fish > ~/.config/fish/completions/council.fish`;

/** `council completion`: what a shell needs to complete commands and options. */
export function fillCompletionCommand(command: Command): void {
  command
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", about)
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const [{ buildProgram }, { completionScript }] = await Promise.all([
        import("./program.ts"),
        import("./completion-script.ts"),
      ]);
      say(completionScript(await buildProgram(() => true), shell));
    });
  withExamples(command, "completion bash");
}
