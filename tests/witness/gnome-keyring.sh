#!/bin/sh
# A key that paas puts into a real desktop keyring is there for secret-tool, and the other way round.  The program that is run is the
# unit test's, which has the same code.  Exit 77 = skipped.
set -eu
PATH=$PATH:$(dirname "$(command -v paas)")/tests/unit
for program in gnome-keyring-daemon dbus-run-session secret-tool store_desktop_keyring; do
	command -v $program >/dev/null || exit 77
done
if [ $# -eq 0 ]; then
	export HOME="$PWD" XDG_RUNTIME_DIR="$PWD/run" XDG_DATA_HOME="$PWD/data"
	mkdir -m 700 run data
	exec dbus-run-session -- sh "$0" inside
fi

store=00112233445566778899aabbccddeeff
printf 'login' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
attributes="application paas store $store"

# ours, read by theirs
printf '0123456789abcdef0123456789abcdef' >key
store_desktop_keyring put $store 01 <key
store_desktop_keyring get $store 01 | cmp - key
store_desktop_keyring get-unlocked $store 01 | cmp - key
# shellcheck disable=SC2086  # words
[ "$(secret-tool lookup $attributes)" = "$(od -An -v -tx1 key | tr -d ' \n')" ]

# theirs, read by ours
# shellcheck disable=SC2086
od -An -v -tx1 key | tr -d ' \n' | tr 3 4 | secret-tool store --label=theirs $attributes key 02
store_desktop_keyring get $store 02 >theirs
tr 3 4 <theirs | od -An -v -tx1 >/dev/null
[ "$(wc -c <theirs)" -eq 32 ]

# one goes, the other stays
store_desktop_keyring remove $store 01
status=0
store_desktop_keyring get $store 01 2>err || status=$?
[ $status -eq 5 ]
grep -q 'has no key for this store' err
store_desktop_keyring get $store 02 | cmp - theirs

# what is no key is not taken for one
# shellcheck disable=SC2086
printf 'not hexadecimal' | secret-tool store --label=broken $attributes key 03
status=0
store_desktop_keyring get $store 03 2>err || status=$?
[ $status -eq 5 ]
# a store that it alone opens; new keys take the place of the old ones
items() { secret-tool search --all application paas 2>/dev/null | grep -c '^label = Key of the paas'; }
before=$(items) || true
for number in 1 2; do store_desktop_keyring store-put "$PWD/store" $number; done
[ "$(store_desktop_keyring store-count "$PWD/store" -)" = 2 ]
[ "$(items)" -eq $((before + 1)) ]
store_desktop_keyring store-rekey "$PWD/store" -
[ "$(store_desktop_keyring store-count "$PWD/store" -)" = 2 ]
[ "$(items)" -eq $((before + 1)) ]
if DBUS_SESSION_BUS_ADDRESS='' store_desktop_keyring store-count "$PWD/store" - 2>err; then exit 1; fi
grep -q 'there is no session bus' err
# a locked one says so, within seconds
lock() {
	dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
		org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
}
lock
status=0
timeout 30 store_desktop_keyring get $store 02 2>err || status=$?
[ $status -eq 1 ]
grep -q 'the desktop keyring is locked' err
status=0
store_desktop_keyring get-unlocked $store 02 2>err || status=$?
[ $status -eq 1 ]
grep -q 'the desktop keyring is locked' err
echo "gnome-keyring agrees"
