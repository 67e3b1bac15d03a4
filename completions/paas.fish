# fish completion for paas. Install as completions/paas.fish, or: paas completion fish | source
function __paas_complete
    set -l words (commandline -opc)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    type -q -- $program
    or set program paas
    set -l current (commandline -ct | string replace -r '^(--[^=]*=)?["\']' '$1' | string unescape)
    set -l out ($program __complete -- $words[2..-1] "$current" 2>/dev/null)
    string match -qr '^:[0-7]$' -- $out[-1]
    or return
    set -l bits (string replace : '' -- $out[-1])
    string join \n -- $out[1..-2]
    if test (math "floor($bits / 4) % 2") -eq 0
        complete -C "'' "(commandline -ct)
    end
end
complete -c paas -f -k -a '(__paas_complete)'
