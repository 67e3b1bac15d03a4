#include "net/proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"

/* An address as bits: 4 or 16 bytes. False when it is a name. */
static bool
read_address(const char *text, unsigned char ret[static 16], unsigned *ret_bits)
{
	*ret_bits = 32;
	if (inet_pton(AF_INET, text, ret) == 1)
		return true;
	*ret_bits = 128;
	return inet_pton(AF_INET6, text, ret) == 1;
}

static bool
block_covers(const char *entry, const char *host)
{
	char network[64];
	unsigned char a[16], b[16];
	unsigned a_bits, b_bits;
	uint64_t prefix;
	struct error ignored;
	const char *slash = strchr(entry, '/');
	if (slash == NULL || (size_t)(slash - entry) >= sizeof network)
		return false;
	snprintf(network, sizeof network, "%.*s", (int)(slash - entry), entry);
	if (!read_address(network, a, &a_bits) || !read_address(host, b, &b_bits) || a_bits != b_bits ||
	    !number_parse_u64(slash + 1, 0, a_bits, &prefix, &ignored))
		return false;
	for (unsigned i = 0; i < prefix; i++) {
		if (((a[i / 8] ^ b[i / 8]) >> (7 - i % 8)) & 1)
			return false;
	}
	return true;
}

static bool
entry_covers(const char *entry, const char *host)
{
	if (strcmp(entry, "*") == 0 || block_covers(entry, host))
		return true;
	if (entry[0] == '*' && entry[1] == '.')
		entry++;
	const char *domain = entry[0] == '.' ? entry + 1 : entry;
	size_t length = strlen(domain), host_length = strlen(host);
	if (length == 0 || length > host_length || strcasecmp(host + host_length - length, domain) != 0)
		return false;
	return length == host_length || host[host_length - length - 1] == '.';
}

bool
proxy_list_covers(const char *list, const char *host)
{
	char entry[256];
	while (list != NULL && *list != '\0') {
		size_t length = strcspn(list, ", ");
		if (length > 0 && length < sizeof entry) {
			snprintf(entry, sizeof entry, "%.*s", (int)length, list);
			if (entry_covers(entry, host))
				return true;
		}
		list += length + strspn(list + length, ", ");
	}
	return false;
}

bool
proxy_is_loopback(const char *host)
{
	size_t length = strlen(host);
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	       block_covers("127.0.0.0/8", host) ||
	       (length > 10 && strcasecmp(host + length - 10, ".localhost") == 0);
}

/* The first of two spellings that says something. */
static const char *
read_variable(const char *lower, const char *upper)
{
	const char *value = getenv(lower);
	if (value == NULL || value[0] == '\0')
		value = upper != NULL ? getenv(upper) : NULL;
	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *
proxy_from_environment(const char *scheme, const char *host)
{
	const char *proxy = strcmp(scheme, "https") == 0 ? read_variable("https_proxy", "HTTPS_PROXY")
	                                                 : read_variable("http_proxy", NULL);
	if (proxy == NULL)
		proxy = read_variable("all_proxy", "ALL_PROXY");
	if (proxy == NULL || proxy_is_loopback(host) ||
	    proxy_list_covers(read_variable("no_proxy", "NO_PROXY"), host))
		return "";
	return proxy;
}
