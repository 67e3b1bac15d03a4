#!/bin/sh
# zsh, at a terminal, completes as `paas completion zsh` taught it.  Exit 77 = skipped.
set -eu
command -v zsh >/dev/null || exit 77
command -v python3 >/dev/null || exit 77
exec python3 "$(dirname "$0")/completing_shell.py" zsh
