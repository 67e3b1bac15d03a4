# bash completion for paas. Install as bash-completion/completions/paas, or: source <(paas completion bash)
_paas() {
	local words=() word part last rest tail joined=0 i line bits=4 cursor cur strip quoted program
	((COMP_CWORD < 1)) && return
	rest=${COMP_LINE:COMP_POINT}
	tail=${rest%%[[:space:]=:]*}
	for ((i = 1; i < ${#COMP_WORDS[@]}; i++)); do
		word=${COMP_WORDS[i]}
		((i == COMP_CWORD)) && word=${word%"$tail"} last=$word
		word=${word//[\"\'\\]/}
		if ((${#words[@]} > 0 && i != COMP_CWORD + 1)) && { [[ $word == [=:]* ]] || ((joined)); }; then
			words[${#words[@]}-1]+=$word
		else
			words+=("$word")
		fi
		joined=0
		[[ -n $word && -z ${word//[=:]/} ]] && joined=1
		((i == COMP_CWORD)) || continue
		((joined)) && part= || part=$word
		cursor=${#words[@]}
	done
	cur=${words[cursor-1]}
	strip=${cur%"$part"}
	program=${COMP_WORDS[0]//[\"\'\\]/}
	[[ $program == '~/'* ]] && program=$HOME/${program#*/}
	type -P -- "$program" >/dev/null || program=paas
	COMPREPLY=()
	while IFS= read -r line; do
		if [[ $line == :[0-7] ]]; then
			bits=${line#:}
			continue
		fi
		line=${line%%$'\t'*}
		line=${line#"$strip"}
		printf -v quoted %q "$line"
		if [[ $last != [\"\']* ]]; then
			COMPREPLY+=("$quoted")
		elif [[ $quoted == "$line" ]]; then
			COMPREPLY+=("$line")
		fi
	done < <("$program" __complete --cursor "$cursor" -- "${words[@]}" 2>/dev/null)
	((bits & 2)) && compopt -o nospace 2>/dev/null
	if ((!(bits & 4))) && ((${#COMPREPLY[@]} == 0)) && ! compopt -o default 2>/dev/null; then
		while IFS= read -r line; do
			COMPREPLY+=("$line")
		done < <(compgen -f -- "$part")
	fi
}
complete -F _paas paas
