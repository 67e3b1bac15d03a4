#!/bin/sh
# A fresh Debian 12 in a folder, for scripts that prove something on it (sourced, POSIX shell).
# The mirrors and the proxy are those that apt of this machine uses.  Needs root and Debian's debootstrap.

# The archives of Debian that apt is set to, a line each: URI SUITE COMPONENT.
fresh_archives() {
	# shellcheck disable=SC2016  # a format of apt-get
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
		sed -n 's/ Debian$//p' | LC_ALL=C sort -u
}

# fresh_make ROOT: prints why not, and fails, when there can be none.
fresh_make() {
	[ "$(id -u)" -eq 0 ] || { echo "it needs root"; return 1; }
	command -v debootstrap >/dev/null || { echo "debootstrap is not installed"; return 1; }
	fresh_mirror=$(fresh_archives | sed -n 's/ bookworm main$//p' | head -n 1)
	[ -n "$fresh_mirror" ] || { echo "apt is set to no mirror of bookworm"; return 1; }
	timeout 600 debootstrap --variant=minbase bookworm "$1" "$fresh_mirror" >"$1.log" 2>&1 ||
		{ echo "debootstrap fails: $(tail -n 1 "$1.log")"; return 1; }
	rm -f "$1.log"
	fresh_archives | sed 's/^/deb /' >"$1/etc/apt/sources.list"
	apt-config dump | grep '^Acquire::[a-z]*::Proxy "' >"$1/etc/apt/apt.conf.d/00proxy" || true
	cp /etc/resolv.conf "$1/etc/resolv.conf"
	if ! mount --bind /dev "$1/dev" || ! mount -t proc proc "$1/proc"; then
		echo "mounting is not allowed"
		return 1
	fi
	mount -t devpts devpts "$1/dev/pts" 2>/dev/null || true
}

# fresh_run ROOT USER HOME COMMAND...: with nothing of this machine's environment.
fresh_run() {
	fresh_root=$1 fresh_user=$2 fresh_home=$3
	shift 3
	env -i HOME="$fresh_home" PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb CI="${CI-}" LANG=C.UTF-8 \
		http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" DEBIAN_FRONTEND=noninteractive \
		chroot --userspec="$fresh_user" "$fresh_root" "$@"
}

# fresh_remove ROOT
fresh_remove() {
	umount -l "$1/proc" "$1/dev/pts" "$1/dev" 2>/dev/null || true
	# Never into what is still mounted.
	rm -rf --one-file-system "$1" "$1.log"
}
