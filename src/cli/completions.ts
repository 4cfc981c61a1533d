/** `glyphpool completions SHELL`: scripts for tab completion, made from the tables of options. */
import type { OptionSpecs } from "./command-line.ts";
import { UsageError } from "./usage-error.ts";

/** Commands with their options. */
export type Commands = Readonly<Record<string, OptionSpecs>>;

const SHELLS = ["bash", "zsh", "fish"] as const;

/** @throws UsageError for any other shell */
export function completions(shell: string | undefined, commands: Commands): string {
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case "fish":
      return fish(commands);
    case undefined:
    default:
      throw new UsageError(`name a shell: ${SHELLS.join(", ")}`);
  }
}

function flags(specs: OptionSpecs): string[] {
  return Object.keys(specs).map((name) => `--${name}`);
}

function bash(commands: Commands): string {
  const cases = Object.entries(commands).map(
    ([name, specs]) => `    ${name}) words="${flags(specs).join(" ")}" ;;`,
  );
  return `_glyphpool() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${Object.keys(commands).join(" ")}"; fi
  if [ "$COMP_CWORD" -gt 1 ] && [[ "$current" != -* ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -F _glyphpool glyphpool
`;
}

function fish(commands: Commands): string {
  const lines = [
    `complete -c glyphpool -n __fish_use_subcommand -f -a "${Object.keys(commands).join(" ")}"`,
  ];
  for (const [command, specs] of Object.entries(commands)) {
    for (const [name, { type, short }] of Object.entries(specs)) {
      lines.push(
        `complete -c glyphpool -n "__fish_seen_subcommand_from ${command}" -l ${name}` +
          `${short === undefined ? "" : ` -s ${short}`}${type === "string" ? " -r" : ""}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}
