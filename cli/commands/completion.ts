// `coppice completion SHELL`: the script that a shell loads. It asks `coppice __complete` for every proposal, so that names of
// workers are completed too.
import { command } from "../command.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

const SCRIPTS = {
  bash: `# coppice completion for bash:  source <(coppice completion bash)
_coppice() {
  local line before=\${COMP_LINE:0:COMP_POINT}
  local -a typed
  # By blanks: bash itself parts words at = and : too.
  read -ra typed <<< "$before"
  [[ $before == *[[:space:]] ]] && typed+=("")
  COMPREPLY=()
  case \${typed[-1]} in *[=:]*) return ;; esac
  while IFS= read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done < <(
    coppice __complete "\${typed[@]:1}" 2>/dev/null
  )
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _coppice coppice`,
  zsh: `#compdef coppice
# coppice completion for zsh:  source <(coppice completion zsh)
_coppice() {
  local -a lines
  lines=("\${(@f)$(coppice __complete "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null)}")
  lines=("\${(@)lines//:/\\\\:}")
  lines=("\${(@)lines/$'\\t'/:}")
  local -a suffix
  [[ \${lines[1]%%:*} == *= ]] && suffix=(-S '')
  [[ -n $lines[1] ]] && _describe coppice lines $suffix || _files
}
compdef _coppice coppice`,
  fish: `# coppice completion for fish:  coppice completion fish | source
complete -c coppice -f -a '(coppice __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
} as const satisfies Record<Shell, string>;

export const completion = command<object, [Shell]>({
  brief: "Print the completion script of a shell",
  examples: [
    "source <(coppice completion bash)     # in ~/.bashrc",
    "source <(coppice completion zsh)      # in ~/.zshrc",
    "coppice completion fish | source      # in ~/.config/fish/config.fish",
  ],
  positional: {
    kind: "tuple",
    parameters: [
      {
        placeholder: "bash|zsh|fish",
        brief: "The shell",
        parse(text) {
          const shell = SHELLS.find((one) => one === text);
          if (!shell) throw new Error(`must be ${SHELLS.join(", ")}`);
          return shell;
        },
        proposeCompletions: (partial) => SHELLS.filter((shell) => shell.startsWith(partial)),
      },
    ],
  },
  async run(cli, flags, shell) {
    if (flags.json) cli.out.json({ shell, script: SCRIPTS[shell] });
    else cli.out.line(SCRIPTS[shell]);
  },
});
