#include "core/deploy/addresses.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "data/json.h"

enum { HOST_MAX = 253 };

static bool
is_host(const char *text)
{
	size_t length = strlen(text);
	return length && length <= HOST_MAX && !strchr("-.", text[0]) &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == '\0';
}

/* Patterns are no addresses: their plain beginning is. */
static const char *
plain_path(const char *path, struct arena *arena)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-.~";
	size_t length = path[0] == '/' ? strspn(path, letters) : 0;
	return length ? arena_strndup(arena, path, length) : "/";
}

static bool
has_certificate(const json_t *ingress, const char *host)
{
	const json_t *entry, *named;
	size_t i, k;
	json_array_foreach(json_at(ingress, "spec.tls"), i, entry)
		json_array_foreach(json_object_get(entry, "hosts"), k, named)
			if (json_is_string(named) && !strcmp(json_string_value(named), host))
				return true;
	return false;
}

static void
add(struct addresses *addresses, const char *url)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (!strcmp(addresses->urls[i], url))
			return;
	if (addresses->count < ADDRESSES_MAX)
		addresses->urls[addresses->count++] = url;
}

void
addresses_add(struct addresses *addresses, const json_t *ingress, struct arena *arena)
{
	const json_t *rule, *path;
	size_t i, k;
	json_array_foreach(json_at(ingress, "spec.rules"), i, rule) {
		const char *host = json_text_or(rule, "host", "");
		const char *scheme = has_certificate(ingress, host) ? "https" : "http";
		if (!is_host(host))
			continue;
		json_array_foreach(json_at(rule, "http.paths"), k, path)
			add(addresses, arena_printf(arena, "%s://%s%s", scheme, host,
			                            plain_path(json_text_or(path, "path", "/"), arena)));
	}
}

bool
addresses_read(struct kubernetes *kubernetes, const char *namespace, const char *name, struct arena *arena,
               struct addresses *ret, struct error *err)
{
	struct kubernetes_query query = {.resource = &kubernetes_ingresses, .namespace = namespace,
	                                 .label_selector = arena_printf(arena, "app=%s", name)};
	const json_t *ingress;
	size_t i;
	scoped(json_release) json_t *list = NULL;
	if (!kubernetes_list(kubernetes, &query, &list, err))
		return error_doing(err, "reading the addresses of %s", name);
	*ret = (struct addresses){0};
	json_array_foreach(json_at(list, "items"), i, ingress)
		addresses_add(ret, ingress, arena);
	return true;
}
