#include "core/platform/use.h"

#include <string.h>

#include "base/clock.h"
#include "data/platform.h"
#include "data/platform_trust.h"
#include "data/settings_edit.h"
#include "net/http.h"

enum { FILE_MAX = 1024 * 1024 };

/* ---- fetching ---- */

static bool
check_url(const char *url, struct error *err)
{
	if (strncmp(url, "https://", 8) || !url[8]) {
		error_put(err, ERROR_USAGE, "\"%s\" is no https address", url);
		return error_next(err, "give an address that begins with https://; a file is named by --platform or $PAAS_PLATFORM");
	}
	if (strpbrk(url, "?#@ "))
		return error_set(err, ERROR_USAGE, "\"%s\" must not hold a query, a fragment, a user name or blanks", url);
	return true;
}

static bool
judge_answer(const struct http_response *answer, const char *url, struct error *err)
{
	const char *location = http_header_value(answer, "location");
	if (answer->status == 200)
		return true;
	if (answer->status >= 300 && answer->status < 400 && location) {
		error_put(err, ERROR_BAD_ANSWER, "%s leads to %s", url, location);
		return error_next(err, "if that is right, give this address");
	}
	enum error_code code = answer->status == 404 || answer->status == 410 ? ERROR_NOT_FOUND
	                       : answer->status == 401 || answer->status == 403 ? ERROR_FORBIDDEN
	                       : answer->status >= 500 ? ERROR_UNREACHABLE : ERROR_BAD_ANSWER;
	return error_set(err, code, "GET %s: HTTP %d", url, answer->status);
}

static bool
fetch(const struct platform_use *use, const char *url, size_t max_bytes, const char **ret, size_t *ret_length,
      struct error *err)
{
	struct http_endpoint endpoint = {.system = "platform file"};
	struct http_response answer;
	if (!http_origin_of(url, use->arena, &endpoint.origin, err))
		return false;
	struct http_request request = {.url = url, .endpoint = &endpoint, .max_bytes = max_bytes};
	if (!http_send(use->http, &request, use->arena, &answer, err) || !judge_answer(&answer, url, err))
		return false;
	*ret = answer.body;
	*ret_length = answer.length;
	return true;
}

static bool
fetch_both(const struct platform_use *use, struct trust_candidate *candidate, struct error *err)
{
	const char *signature_url = arena_printf(use->arena, "%s.minisig", candidate->url);
	if (!fetch(use, candidate->url, FILE_MAX, &candidate->bytes, &candidate->length, err))
		return false;
	if (fetch(use, signature_url, MINISIGN_FILE_MAX, &candidate->signature, &candidate->signature_length, err))
		return true;
	if (err->code == ERROR_NOT_FOUND) {
		error_put(err, ERROR_NOT_FOUND, "it is not signed: there is no %s", signature_url);
		error_put_next(err, "have your platform team sign it: minisign -Sm platform.yml");
	}
	return false;
}

/* ---- judging ---- */

static bool
check_serial(const struct platform_use *use, const struct trust_origin *last, const struct platform *platform,
             const char *hash, struct error *err)
{
	if (!last || use->allow_older || (platform->serial == last->serial && !strcmp(hash, last->hash)))
		return true;
	if (platform->serial < last->serial)
		error_put(err, ERROR_CONFLICT, "it has serial %lld, but serial %lld was in use here: somebody serves an old file",
		          (long long)platform->serial, (long long)last->serial);
	else if (platform->serial == last->serial)
		error_put(err, ERROR_CONFLICT, "it differs from the file of the same serial %lld that was in use here",
		          (long long)platform->serial);
	else
		return true;
	return error_next(err, "ask your platform team; if it is meant to be so: --allow-older");
}

/* Files beside it are not fetched with it. */
static bool
check_paths(const struct platform *platform, struct error *err)
{
	for (size_t i = 0; i < platform->n_clusters; i++) {
		const struct platform_cluster *cluster = &platform->clusters[i];
		const char *const paths[] = {cluster->ca_file, cluster->kubeconfig};
		for (size_t k = 0; k < array_length(paths); k++)
			if (paths[k] && trust_is_stored(paths[k]))
				return error_set(err, ERROR_INVALID_FILE, "cluster %s names a file beside the platform file (%s), which is not "
				                 "fetched with it: an absolute path is needed", cluster->name, strrchr(paths[k], '/') + 1);
	}
	return true;
}

static bool
examine(const struct platform_use *use, const struct trust_origin *last, const char *path, const char *hash,
        struct problems *problems, struct platform_used *ret, struct error *err)
{
	const struct platform *platform;
	if (!platform_load(path, use->arena, problems, &platform, err) || !check_paths(platform, err) ||
	    !check_serial(use, last, platform, hash, err))
		return false;
	ret->company = platform->company;
	ret->serial = platform->serial;
	return true;
}

/* ---- taking it into use ---- */

static const char *
path_in_use(const struct trust *trust, struct arena *arena)
{
	const struct trust_origin *origin = trust->current ? trust_find_origin(trust, trust->current) : NULL;
	return origin ? arena_printf(arena, "%s/%.16s/", trust->folder, origin->hash) : NULL;
}

static bool
take_into_use(const struct platform_use *use, struct trust *trust, const char *hash, struct platform_used *ret, struct error *err)
{
	const struct trust_origin origin = {.url = ret->url, .serial = ret->serial, .hash = hash, .key_id = ret->key_id,
	                                    .fetched_at_ms = clock_wall_ms()};
	const struct settings_edit edit = {.key = "platform", .value = ret->path};
	trust_set_origin(trust, &origin);
	trust->current = ret->url;
	if (!trust_save(trust, err) || !settings_edit_file(&edit, use->arena, &ret->settings_file, err))
		return false;
	trust_forget_others(trust, ret->path);
	return true;
}

static bool
prepare(const struct platform_use *use, struct trust *trust, struct trust_candidate *candidate, struct error *err)
{
	if (!trust_load(use->arena, trust, err))
		return false;
	candidate->url = use->url ? use->url : trust->current;
	if (!candidate->url) {
		error_put(err, ERROR_NOT_FOUND, "no platform file was fetched before: its address is needed");
		return error_next(err, "paas config use URL");
	}
	if (!check_url(candidate->url, err))
		return false;
	if (trust->n_keys)
		return true;
	error_put(err, ERROR_INVALID_FILE, "no key is pinned: nobody could tell whether the file is your platform team's");
	return error_next(err, "ask them for their minisign key, then: paas config trust KEY");
}

bool
platform_use(const struct platform_use *use, struct problems *problems, struct platform_used *ret, struct error *err)
{
	struct trust trust;
	struct trust_candidate candidate = {0};
	struct platform_used used = {.previous_serial = -1};
	if (!prepare(use, &trust, &candidate, err))
		return false;
	const char *before = path_in_use(&trust, use->arena);
	const struct trust_origin *last = trust_find_origin(&trust, candidate.url);
	used.url = candidate.url;
	if (!fetch_both(use, &candidate, err) ||
	    !trust_store(&trust, &candidate, use->arena, &used.path, &used.key_id, err))
		return error_doing(err, "fetching %s", used.url);
	const char *hash = trust_hash(candidate.bytes, candidate.length, use->arena);
	if (!examine(use, last, used.path, hash, problems, &used, err)) {
		trust_forget_others(&trust, before);
		return error_doing(err, "taking %s into use", used.url);
	}
	used.previous_serial = last ? last->serial : -1;
	used.is_new = !last || strcmp(last->hash, hash) != 0;
	*ret = used;
	return take_into_use(use, &trust, hash, ret, err);
}
