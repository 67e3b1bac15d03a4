/* `paas completion SHELL`: the script that makes a shell ask `paas __complete`. */
#include <string.h>

#include "cmd/command.h"
#include "cmd/completion.h"
#include "ui/output.h"

/* bash 3.2 or later, without bash-completion.  Readline splits words at "=" and ":", so they are
 * joined again for the question, and what stands before the split is taken off the answers. */
static const char bash_script[] =
	"# bash completion for paas. Install as bash-completion/completions/paas, or: source <(paas completion bash)\n"
	"_paas() {\n"
	"\tlocal words=() word part last rest tail joined=0 i line bits=4 cursor cur strip quoted program\n"
	"\t((COMP_CWORD < 1)) && return\n"
	"\trest=${COMP_LINE:COMP_POINT}\n"
	"\ttail=${rest%%[[:space:]=:]*}\n"
	"\tfor ((i = 1; i < ${#COMP_WORDS[@]}; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\t((i == COMP_CWORD)) && word=${word%\"$tail\"} last=$word\n"
	"\t\tword=${word//[\\\"\\'\\\\]/}\n"
	"\t\tif ((${#words[@]} > 0 && i != COMP_CWORD + 1)) && { [[ $word == [=:]* ]] || ((joined)); }; then\n"
	"\t\t\twords[${#words[@]}-1]+=$word\n"
	"\t\telse\n"
	"\t\t\twords+=(\"$word\")\n"
	"\t\tfi\n"
	"\t\tjoined=0\n"
	"\t\t[[ -n $word && -z ${word//[=:]/} ]] && joined=1\n"
	"\t\t((i == COMP_CWORD)) || continue\n"
	"\t\t((joined)) && part= || part=$word\n"
	"\t\tcursor=${#words[@]}\n"
	"\tdone\n"
	"\tcur=${words[cursor-1]}\n"
	"\tstrip=${cur%\"$part\"}\n"
	"\tprogram=${COMP_WORDS[0]//[\\\"\\'\\\\]/}\n"
	"\t[[ $program == '~/'* ]] && program=$HOME/${program#*/}\n"
	"\ttype -P -- \"$program\" >/dev/null || program=paas\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS= read -r line; do\n"
	"\t\tif [[ $line == :[0-7] ]]; then\n"
	"\t\t\tbits=${line#:}\n"
	"\t\t\tcontinue\n"
	"\t\tfi\n"
	"\t\tline=${line%%$'\\t'*}\n"
	"\t\tline=${line#\"$strip\"}\n"
	"\t\tprintf -v quoted %q \"$line\"\n"
	"\t\tif [[ $last != [\\\"\\']* ]]; then\n"
	"\t\t\tCOMPREPLY+=(\"$quoted\")\n"
	"\t\telif [[ $quoted == \"$line\" ]]; then\n"
	"\t\t\tCOMPREPLY+=(\"$line\")\n"
	"\t\tfi\n"
	"\tdone < <(\"$program\" __complete --cursor \"$cursor\" -- \"${words[@]}\" 2>/dev/null)\n"
	"\t((bits & 2)) && compopt -o nospace 2>/dev/null\n"
	"\tif ((!(bits & 4))) && ((${#COMPREPLY[@]} == 0)) && ! compopt -o default 2>/dev/null; then\n"
	"\t\twhile IFS= read -r line; do\n"
	"\t\t\tCOMPREPLY+=(\"$line\")\n"
	"\t\tdone < <(compgen -f -- \"$part\")\n"
	"\tfi\n"
	"}\n"
	"complete -F _paas paas\n";

static const char zsh_script[] =
	"#compdef paas\n"
	"# zsh completion for paas. Install as _paas in a folder of $fpath, or: source <(paas completion zsh)\n"
	"_paas() {\n"
	"\tlocal -a lines values\n"
	"\tlocal line value bits program=${(Q)words[1]}\n"
	"\t[[ $program == '~/'* ]] && program=$HOME/${program#*/}\n"
	"\t(( $+commands[$program] )) || [[ $program == */* && -x $program ]] || program=paas\n"
	"\tlines=(\"${(@f)$(\"$program\" __complete --cursor $((CURRENT - 1)) -- \"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" \\\n"
	"\t\t\"${(@Q)words[CURRENT+1,-1]}\" 2>/dev/null)}\")\n"
	"\t[[ $lines[-1] == :[0-7] ]] || return\n"
	"\tbits=${lines[-1]#:}\n"
	"\tfor line in \"${(@)lines[1,-2]}\"; do\n"
	"\t\tvalue=${line%%$'\\t'*}\n"
	"\t\tif [[ $line == *$'\\t'* ]]; then\n"
	"\t\t\tvalues+=(\"${value//:/\\\\:}:${line#*$'\\t'}\")\n"
	"\t\telse\n"
	"\t\t\tvalues+=(\"${value//:/\\\\:}\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tif (( bits & 2 )); then\n"
	"\t\t_describe -V paas values -S ''\n"
	"\telif (( ${#values} )); then\n"
	"\t\t_describe -V paas values\n"
	"\tfi\n"
	"\tif (( ! (bits & 4) )); then\n"
	"\t\tcompset -P '*='\n"
	"\t\t_files\n"
	"\tfi\n"
	"}\n"
	"if [ \"$funcstack[1]\" = _paas ]; then\n"
	"\t_paas \"$@\"\n"
	"else\n"
	"\tcompdef _paas paas\n"
	"fi\n";

static const char fish_script[] =
	"# fish completion for paas. Install as completions/paas.fish, or: paas completion fish | source\n"
	"function __paas_complete\n"
	"    set -l words (commandline -opc)\n"
	"    set -l program (string replace -r '^~/' \"$HOME/\" -- $words[1])\n"
	"    type -q -- $program\n"
	"    or set program paas\n"
	"    set -l current (commandline -ct | string replace -r '^(--[^=]*=)?[\"\\']' '$1' | string unescape)\n"
	"    set -l out ($program __complete -- $words[2..-1] \"$current\" 2>/dev/null)\n"
	"    string match -qr '^:[0-7]$' -- $out[-1]\n"
	"    or return\n"
	"    set -l bits (string replace : '' -- $out[-1])\n"
	"    string join \\n -- $out[1..-2]\n"
	"    if test (math \"floor($bits / 4) % 2\") -eq 0\n"
	"        complete -C \"'' \"(commandline -ct)\n"
	"    end\n"
	"end\n"
	"complete -c paas -f -k -a '(__paas_complete)'\n";

const struct completion_shell completion_shells[] = {
	{"bash", "paas.bash", bash_script},
	{"zsh", "_paas", zsh_script},
	{"fish", "paas.fish", fish_script},
	{NULL, NULL, NULL},
};

static const char *shell;
static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static bool
run(struct session *session, struct error *err)
{
	(void)err;
	for (const struct completion_shell *at = completion_shells; at->name != NULL; at++)
		if (strcmp(at->name, shell) == 0)
			output_print_document(session->out, at->script, strlen(at->script));
	return true;
}

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "SHELL", .text = &shell, .choices = shells, .is_required = true,
	 .help = "the shell that reads it"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas completion bash", "for bash: source <(paas completion bash)"},
	{"paas completion zsh", "for zsh: source <(paas completion zsh)"},
	{"paas completion fish", "for fish: paas completion fish | source"},
	{NULL, NULL},
};

const struct command command_completion = {
	.name = "completion",
	.group = GROUP_FIX,
	.summary = "Print the completion script of a shell",
	.description = "Packages install these scripts where the shells look for them; this prints them for everybody "
	               "else. A script asks `paas __complete` at each TAB: commands, flags and choices are answered "
	               "without any input or output, names of environments from the platform file, and no answer takes "
	               "longer than 0.3 seconds.\n\n"
	               "Names of applications, pods, releases and deployments come from the clusters. They are kept below "
	               "$XDG_CACHE_HOME/paas (else ~/.cache/paas), answered from there however old they are, and asked "
	               "for again behind the answer when that was last done more than 5 seconds ago; what nobody "
	               "asked for in 30 days is removed. Deleting that folder is harmless. A cluster whose credential is printed by a program of the kubeconfig is not "
	               "asked.",
	.options = options,
	.examples = examples,
	.run = run,
};
