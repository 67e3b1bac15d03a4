# fish completion for paas. Install as completions/paas.fish, or: paas completion fish | source
function __paas_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l out ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
    or return
    set -l bits (string replace : '' -- $out[-1])
    string join \n -- $out[1..-2]
    if test (math "floor($bits / 4) % 2") -eq 0
        __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
    end
end
complete -c paas -f -k -a '(__paas_complete)'
