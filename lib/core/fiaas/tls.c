#include "core/fiaas/tls.h"

#include <string.h>

#include "core/fiaas/python.h"
#include "core/fiaas/sha1.h"

enum { LABEL_AND_DOT_MAX = 62, HOST_LENGTH_MAX = 63, BASE32_BITS = 5 };

bool
tls_is_enabled(const struct rendering *rendering)
{
	const char *mode = rendering->options->use_ingress_tls;
	if (strcmp(mode, "disabled") == 0 || rendering->spec->tls == FIAAS_TLS_OFF)
		return false;
	return strcmp(mode, "default_on") == 0 || rendering->spec->tls == FIAAS_TLS_ON;
}

/* ---- issuers ---- */

static bool
has_suffix(const char *host, const char *suffix)
{
	size_t n_host = strlen(host), n_suffix = strlen(suffix);
	if (n_host < n_suffix || strcmp(host + n_host - n_suffix, suffix) != 0)
		return false;
	return n_host == n_suffix || host[n_host - n_suffix - 1] == '.';
}

/* The value of the longest suffix of `host`, or NULL. */
static const char *
find_override(const struct fiaas_pairs *overrides, const char *host)
{
	const struct fiaas_pair *found = NULL;
	for (size_t i = 0; i < overrides->count; i++)
		if (has_suffix(host, overrides->items[i].key) &&
		    (found == NULL || strlen(overrides->items[i].key) > strlen(found->key)))
			found = &overrides->items[i];
	return found == NULL ? NULL : found->value;
}

/* For the cluster's suffixes, the first that is overridden. */
static const char *
find_suffix_override(const struct fiaas_options *options, const struct fiaas_pairs *overrides)
{
	const char *found = NULL;
	for (size_t i = 0; i < options->ingress_suffix.count && found == NULL; i++)
		found = find_override(overrides, options->ingress_suffix.items[i]);
	return found;
}

static const json_t *
keep_text(struct rendering *rendering, const char *text)
{
	json_t *value = json_string(text);
	json_array_append_new(rendering->kept, value);
	return value;
}

static const json_t *
choose_name(struct rendering *rendering, const char *override)
{
	const char *of_cluster = rendering->options->tls_certificate_issuer;
	if (override != NULL)
		return keep_text(rendering, override);
	if (python_is_true(rendering->spec->certificate_issuer))
		return rendering->spec->certificate_issuer;
	return of_cluster == NULL ? NULL : keep_text(rendering, of_cluster);
}

struct tls_issuer
tls_default_issuer(struct rendering *rendering)
{
	const struct fiaas_options *options = rendering->options;
	const char *type = find_suffix_override(options, &options->tls_certificate_issuer_type_overrides);
	return (struct tls_issuer){
		.type = type != NULL ? type : options->tls_certificate_issuer_type_default,
		.name = choose_name(rendering,
		                    find_suffix_override(options, &options->tls_certificate_issuer_overrides)),
	};
}

struct tls_issuer
tls_issuer_of_host(struct rendering *rendering, const char *host)
{
	const struct fiaas_options *options = rendering->options;
	const char *type = find_override(&options->tls_certificate_issuer_type_overrides, host);
	return (struct tls_issuer){
		.type = type != NULL ? type : tls_default_issuer(rendering).type,
		.name = choose_name(rendering,
		                    find_override(&options->tls_certificate_issuer_overrides, host)),
	};
}

bool
tls_is_same_issuer(struct tls_issuer a, struct tls_issuer b)
{
	return strcmp(a.type, b.type) == 0 && python_is_equal(a.name, b.name);
}

void
tls_add_annotation(const struct rendering *rendering, struct tls_issuer issuer, json_t *annotations)
{
	bool has_issuer = rendering->options->tls_certificate_issuer != NULL ||
	                  python_is_true(rendering->spec->certificate_issuer);
	if (has_issuer)
		json_object_set(annotations, issuer.type, json_borrow(issuer.name));
	else
		json_object_set_new(annotations, "kubernetes.io/tls-acme", json_string("true"));
}

/* ---- short host: a certificate's common name holds 64 characters ---- */

static size_t
count_characters(const char *text)
{
	size_t count = 0;
	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

static void
encode_base32(const unsigned char *bytes, size_t n_bytes, char *ret)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned bits = 0, n_bits = 0;
	for (size_t i = 0; i < n_bytes; i++) {
		bits = bits << 8 | bytes[i];
		for (n_bits += 8; n_bits >= BASE32_BITS; n_bits -= BASE32_BITS)
			*ret++ = alphabet[bits >> (n_bits - BASE32_BITS) & 31];
	}
	*ret = '\0';
}

static const char *
shortest_suffix(const struct fiaas_list *suffixes)
{
	const char *found = suffixes->items[0];
	for (size_t i = 1; i < suffixes->count; i++)
		if (count_characters(suffixes->items[i]) < count_characters(found))
			found = suffixes->items[i];
	return found;
}

/* NULL when there is no room for one. */
static const char *
short_host(const struct rendering *rendering)
{
	const struct fiaas_application *application = rendering->application;
	unsigned char hash[SHA1_BYTES];
	char label[SHA1_BYTES * 8 / BASE32_BITS + 1];
	const char *suffix = shortest_suffix(&rendering->options->ingress_suffix);
	const char *hashed = arena_printf(rendering->arena, "%s%s", application->name, application->namespace);
	size_t n_suffix = count_characters(suffix);
	if (n_suffix >= LABEL_AND_DOT_MAX)
		return NULL;
	sha1(hashed, strlen(hashed), hash);
	encode_base32(hash, sizeof hash, label);
	return arena_printf(rendering->arena, "%.*s.%s", (int)(LABEL_AND_DOT_MAX - n_suffix), label, suffix);
}

/* ---- spec.tls ---- */

json_t *
tls_entries(const struct rendering *rendering, const char *name, bool is_default,
            const char *const *hosts, size_t n_hosts)
{
	const struct fiaas_options *options = rendering->options;
	json_t *entries = json_array(), *common = json_array();
	if (options->enable_deprecated_tls_entry_per_host)
		for (size_t i = 0; i < n_hosts; i++)
			if (count_characters(hosts[i]) <= HOST_LENGTH_MAX)
				json_array_append_new(entries, json_pack("{s:[s], s:s}", "hosts", hosts[i],
				                                         "secretName", hosts[i]));
	const char *generated = is_default && options->ingress_suffix.count > 0 ? short_host(rendering) : NULL;
	if (generated != NULL)
		json_array_append_new(common, json_string(generated));
	for (size_t i = 0; i < n_hosts; i++)
		json_array_append_new(common, json_string(hosts[i]));
	json_array_append_new(entries, json_pack("{s:o, s:s}", "hosts", common, "secretName",
	                                         arena_printf(rendering->arena, "%s-ingress-tls", name)));
	return entries;
}
