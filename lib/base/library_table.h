/* The libraries that a command loads when it first needs them, one row each:
 *
 *	_(constant, file, Debian package, what needs it)
 *
 * `paas version --json` prints the rows, and the packages take their dependencies from there. */
#ifndef PAAS_BASE_LIBRARY_TABLE_H
#define PAAS_BASE_LIBRARY_TABLE_H

#define LIBRARIES(_)                                                                          \
	_(CURL, "libcurl.so.4", "libcurl4", "requests")                                       \
	_(CRYPTO, "libcrypto.so.3", "libssl3", "signatures of the sign-on server")            \
	_(GIT2, "libgit2.so.1.5", "libgit2-1.5", "the repository of the current folder")      \
	_(PCRE2, "libpcre2-8.so.0", "libpcre2-8-0", "patterns")                               \
	_(JQ, "libjq.so.1", "libjq1", "--jq")                                                 \
	_(MICROHTTPD, "libmicrohttpd.so.12", "libmicrohttpd12", "the sandbox")                \
	_(GNUTLS, "libgnutls.so.30", "libgnutls30", "certificates of the sandbox")            \
	_(ZLIB, "libz.so.1", "zlib1g", "compressed answers of the sandbox")                 \
	_(SECRET, "libsecret-1.so.0", "libsecret-1-0", "the desktop's keyring")

#endif
