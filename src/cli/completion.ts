/** `gyre completion`: what a shell needs to complete commands, options and process numbers. */
import { type Command, OK, onlyArgument, parse, UsageError } from "./command.ts";
import { print } from "./print.ts";

/** Commands whose argument is the number of a process. */
const OF_PROCESS = ["ps", "tree", "stack", "trace"];

export const completion: Command = {
  name: "completion",
  usage: "bash|zsh|fish",
  summary: "print a completion script for a shell",
  help: `  bash  eval "$(gyre completion bash)"            in ~/.bashrc
  zsh   eval "$(gyre completion zsh)"             in ~/.zshrc, after compinit
  fish  gyre completion fish | source             in ~/.config/fish/config.fish`,
  options: {},
  async run(args, all) {
    const shell = onlyArgument(parse(args, {}).positionals, "SHELL");
    const make = shells[shell];
    if (make === undefined) throw new UsageError(`the shell is "${shell}", one of bash, zsh, fish is wanted`);
    await print(make(await Promise.all(Object.values(all).map((load) => load()))));
    return OK;
  },
};

const shells: { readonly [shell: string]: (all: readonly Command[]) => string } = { bash, zsh, fish };

/** Numbers of the processes that can be asked, one a line: what `gyre ps --json` says, without a reader of JSON. */
const PIDS = `gyre ps --json 2>/dev/null | sed -n 's/^ *"pid": \\([0-9]*\\),*$/\\1/p'`;

function bash(all: readonly Command[]): string {
  return `_gyre() {
  local word="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names(all)} --version" -- "$word"))
    return
  fi
  case "$word" in
    -*) case "$command" in
${all.map((each) => `      ${each.name}) COMPREPLY=($(compgen -W "${flags(each).join(" ")}" -- "$word")) ;;`).join("\n")}
      esac
      return ;;
  esac
  case "$command" in
    ${OF_PROCESS.join("|")}) COMPREPLY=($(compgen -W "$(${PIDS})" -- "$word")) ;;
    help) COMPREPLY=($(compgen -W "${names(all)}" -- "$word")) ;;
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _gyre gyre`;
}

function zsh(all: readonly Command[]): string {
  const described = all.map(({ name, summary }) => `'${name}:${quoteless(summary)}'`).join(" ");
  return `#compdef gyre
_gyre() {
  local -a found
  if (( CURRENT == 2 )); then
    found=(${described})
    _describe command found
    return
  fi
  if [[ "$PREFIX" == -* ]]; then
    case "$words[2]" in
${all.map((each) => `      ${each.name}) found=(${flags(each).join(" ")}) ;;`).join("\n")}
    esac
    compadd -- $found
    return
  fi
  case "$words[2]" in
    ${OF_PROCESS.join("|")}) found=(\${(f)"$(${PIDS})"}); compadd -- $found ;;
    help) compadd -- ${names(all)} ;;
    completion) compadd -- bash zsh fish ;;
    *) _files ;;
  esac
}
compdef _gyre gyre`;
}

function fish(all: readonly Command[]): string {
  const lines = all.flatMap((each) => [
    `complete -c gyre -n __fish_use_subcommand -f -a ${each.name} -d '${quoteless(each.summary)}'`,
    ...flags(each).map(
      (flag) => `complete -c gyre -n '__fish_seen_subcommand_from ${each.name}' -l ${flag.slice(2)}`,
    ),
  ]);
  return [
    ...lines,
    `complete -c gyre -n '__fish_seen_subcommand_from ${OF_PROCESS.join(" ")}' -f -a "(${PIDS.replaceAll("\\(", "\\\\(").replaceAll('"', '\\"')})"`,
    `complete -c gyre -n '__fish_seen_subcommand_from help' -f -a '${names(all)}'`,
    "complete -c gyre -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'",
  ].join("\n");
}

function names(all: readonly Command[]): string {
  return all.map(({ name }) => name).join(" ");
}

function flags({ options }: Command): string[] {
  return Object.keys(options).map((name) => `--${name}`);
}

function quoteless(text: string): string {
  return text.replaceAll("'", "").replaceAll(":", "");
}
