# bash completion for paas. Install as bash-completion/completions/paas, or: source <(paas completion bash)
_paas() {
	local words=() word joined=0 i out line bits cur strip IFS=$'\n'
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((${#words[@]} > 0)) && { [[ $word == [=:]* ]] || ((joined)); }; then
			words[${#words[@]}-1]+=$word
		else
			words+=("$word")
		fi
		joined=0
		[[ $word == [=:] ]] && joined=1
	done
	((COMP_CWORD < 1)) && return
	cur=${words[${#words[@]}-1]}
	strip=
	[[ $cur == *[=:]* ]] && strip=${cur%"${cur##*[=:]}"}
	out=$("${COMP_WORDS[0]}" __complete -- "${words[@]}" 2>/dev/null) || return
	COMPREPLY=()
	for line in $out; do
		if [[ $line == :* ]]; then
			bits=${line#:}
		else
			line=${line%%$'\t'*}
			COMPREPLY+=("${line#"$strip"}")
		fi
	done
	((bits & 2)) && compopt -o nospace 2>/dev/null
	if ((!(bits & 4))) && ((${#COMPREPLY[@]} == 0)); then
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -- "${cur#"$strip"}"))
	fi
}
complete -F _paas paas
