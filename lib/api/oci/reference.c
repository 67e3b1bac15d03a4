#include "api/oci/reference.h"

#include <ctype.h>
#include <string.h>

#include "base/number.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

bool
oci_is_digest(const char *text)
{
	return strncmp(text, "sha256:", 7) == 0 && strlen(text) == OCI_DIGEST_LENGTH &&
	       strspn(text + 7, DIGITS "abcdef") == OCI_DIGEST_LENGTH - 7;
}

/* ---- the registry ---- */

/* Labels of letters, digits and inner '-', joined by single dots; or an address in brackets. */
static bool
is_host(const char *text, size_t length)
{
	if (length > 2 && text[0] == '[' && text[length - 1] == ']')
		return strspn(text + 1, DIGITS "abcdefABCDEF:.") >= length - 2;
	for (size_t i = 0; i < length; i++) {
		bool is_edge = i == 0 || i == length - 1 || text[i - 1] == '.' || text[i + 1] == '.';
		bool is_inner = text[i] == '-' || text[i] == '.';
		if (!(isascii((unsigned char)text[i]) && isalnum((unsigned char)text[i])) && (is_edge || !is_inner))
			return false;
	}
	return length > 0;
}

static bool
is_registry(const char *text, struct arena *arena)
{
	uint64_t port;
	struct error ignored;
	const char *end = text[0] == '[' ? strchr(text, ']') : NULL;
	const char *colon = strchr(end != NULL ? end : text, ':');
	if (colon == NULL)
		return is_host(text, strlen(text));
	return is_host(text, (size_t)(colon - text)) &&
	       number_parse_u64(arena_strdup(arena, colon + 1), 1, 65535, &port, &ignored);
}

/* Cuts the registry from the front of *name. */
static bool
take_registry(const char **name, struct arena *arena, struct oci_reference *ret, struct error *err)
{
	size_t length = strcspn(*name, "/");
	const char *first = arena_strndup(arena, *name, length);
	bool is_named = (*name)[length] == '/' && (strpbrk(first, ".:") != NULL || strcmp(first, "localhost") == 0);
	ret->registry = "docker.io";
	if (!is_named)
		return true;
	if (!is_registry(first, arena))
		return error_set(err, ERROR_USAGE, "\"%s\" is no registry (host or host:port)", first);
	ret->registry = strcmp(first, "index.docker.io") == 0 ? "docker.io" : first;
	*name += length + 1;
	return true;
}

/* ---- path, tag, digest ---- */

/* [a-z0-9]+ joined by one '.', one or two '_', or any number of '-'. */
static bool
is_component(const char *text, size_t length)
{
	size_t at = 0;
	for (;;) {
		size_t word = strspn(text + at, LOWER DIGITS);
		if (word == 0)
			return false;
		at += word;
		if (at == length)
			return true;
		size_t dashes = strspn(text + at, "-"), underscores = strspn(text + at, "_");
		if (text[at] == '.')
			at++;
		else if (dashes > 0 || underscores == 1 || underscores == 2)
			at += dashes + underscores;
		else
			return false;
	}
}

static bool
check_path(const char *path, struct arena *arena, struct error *err)
{
	if (strpbrk(path, UPPER) != NULL) {
		char *lower = arena_strdup(arena, path);
		for (char *at = lower; *at != '\0'; at++)
			*at = (char)(isascii((unsigned char)*at) ? tolower((unsigned char)*at) : *at);
		error_put(err, ERROR_USAGE, "the image name \"%s\" holds upper case letters", path);
		return error_next(err, "use \"%s\", if that is the image", lower);
	}
	for (const char *at = path;; at++) {
		size_t length = strcspn(at, "/");
		if (length == 0)
			return error_set(err, ERROR_USAGE, "the image name \"%s\" has an empty part", path);
		if (!is_component(at, length))
			return error_set(err, ERROR_USAGE,
			                 "\"%.*s\" is no part of an image name (lower case letters and digits, "
			                 "joined by '.', '_' or '-')", (int)length, at);
		at += length;
		if (*at == '\0')
			return true;
	}
}

static bool
check_tag(const char *tag, struct error *err)
{
	if (tag[0] == '\0')
		return error_set(err, ERROR_USAGE, "the tag after ':' is empty");
	if (strlen(tag) > OCI_TAG_MAX)
		return error_set(err, ERROR_USAGE, "a tag has at most %d characters", OCI_TAG_MAX);
	if (strspn(tag, LOWER UPPER DIGITS "_.-") != strlen(tag) || tag[0] == '.' || tag[0] == '-')
		return error_set(err, ERROR_USAGE,
		                 "\"%s\" is no tag (letters, digits, '_', '.' and '-', the last two not first)", tag);
	return true;
}

/* Cuts "@sha256:…" and then ":tag" from the end of `name`. */
static bool
take_ends(char *name, struct oci_reference *ret, struct error *err)
{
	char *at = strchr(name, '@');
	if (at != NULL) {
		*at = '\0';
		ret->digest = at + 1;
		if (!oci_is_digest(ret->digest))
			return error_set(err, ERROR_USAGE, "\"%s\" is no digest (sha256: and 64 digits 0-9, a-f)",
			                 ret->digest);
	}
	char *slash = strrchr(name, '/');
	char *colon = strchr(slash != NULL ? slash : name, ':');
	if (colon != NULL) {
		*colon = '\0';
		ret->tag = colon + 1;
		return check_tag(ret->tag, err);
	}
	ret->is_tag_implied = ret->digest == NULL;
	ret->tag = ret->is_tag_implied ? "latest" : NULL;
	return true;
}

static bool
check_text(const char *text, struct error *err)
{
	if (text[0] == '\0')
		return error_set(err, ERROR_USAGE, "the image name is empty");
	if (strstr(text, "://") != NULL) {
		error_put(err, ERROR_USAGE, "\"%s\" is a URL, not the name of an image", text);
		return error_next(err, "leave out \"%.*s\"", (int)(strstr(text, "://") - text + 3), text);
	}
	for (const char *at = text; *at != '\0'; at++) {
		if (isspace((unsigned char)*at) || (unsigned char)*at < 0x20)
			return error_set(err, ERROR_USAGE, "the image name \"%s\" holds a space or line break", text);
	}
	return true;
}

bool
oci_reference_parse(const char *text, struct arena *arena, struct oci_reference *ret, struct error *err)
{
	struct oci_reference reference = {0};
	char *copy = arena_strdup(arena, text);
	const char *path = copy;
	if (!check_text(text, err) || !take_ends(copy, &reference, err) ||
	    !take_registry(&path, arena, &reference, err) || !check_path(path, arena, err))
		return false;
	bool is_official = strcmp(reference.registry, "docker.io") == 0 && strchr(path, '/') == NULL;
	reference.repository = is_official ? arena_printf(arena, "library/%s", path) : path;
	if (strlen(reference.registry) + 1 + strlen(reference.repository) > OCI_NAME_MAX)
		return error_set(err, ERROR_USAGE, "an image name has at most %d characters", OCI_NAME_MAX);
	*ret = reference;
	return true;
}

const char *
oci_reference_format(const struct oci_reference *reference, struct arena *arena)
{
	return arena_printf(arena, "%s/%s%s%s%s%s", reference->registry, reference->repository,
	                    reference->tag != NULL ? ":" : "", reference->tag != NULL ? reference->tag : "",
	                    reference->digest != NULL ? "@" : "", reference->digest != NULL ? reference->digest : "");
}

const char *
oci_reference_origin(const struct oci_reference *reference, struct arena *arena)
{
	bool is_hub = strcmp(reference->registry, "docker.io") == 0;
	return arena_printf(arena, "https://%s", is_hub ? "registry-1.docker.io" : reference->registry);
}
