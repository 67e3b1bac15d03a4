#include "net/trust.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { PEM_MAX = 4 * 1024 * 1024 };

static bool
is_hash_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] >= '0' && name[9] <= '9';
}

static bool
is_hashed_folder(const char *path)
{
	DIR *folder = opendir(path);
	bool found = false;
	if (folder == NULL)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(folder)) != NULL;)
		found = is_hash_name(entry->d_name);
	closedir(folder);
	return found;
}

static const char *
read_variable(const char *name)
{
	const char *value = getenv(name);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* A bundle is some 200 KiB: formatting it would cost a tenth of a small command. */
static const char *
join_pem(const char *first, const char *second, struct arena *arena)
{
	char *joined = arena_alloc(arena, strlen(first) + strlen(second) + 2);
	stpcpy(stpcpy(stpcpy(joined, first), "\n"), second);
	return joined;
}

/* Appends the file that `variable` names. */
static bool
add_named(const char *variable, struct arena *arena, struct trust *trust, struct error *err)
{
	char *pem;
	size_t length;
	const char *path = read_variable(variable);
	if (path == NULL)
		return true;
	if (!file_read(path, PEM_MAX, arena, &pem, &length, err) || strstr(pem, "-----BEGIN") == NULL) {
		error_put(err, ERROR_INVALID_FILE, "%s: %s is no readable PEM file", variable, path);
		return error_next(err, "set %s to a file of trusted certificates, or unset it", variable);
	}
	trust->pem = trust->pem == NULL ? pem : join_pem(trust->pem, pem, arena);
	return true;
}

static void
find_system(struct trust *trust)
{
	static const char *const folders[] = {"/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs"};
	static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
	                                      "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	                                      "/etc/ssl/cert.pem"};
	for (size_t i = 0; i < array_length(folders) && trust->folder == NULL; i++)
		trust->folder = is_hashed_folder(folders[i]) ? folders[i] : NULL;
	for (size_t i = 0; i < array_length(bundles) && trust->folder == NULL && trust->bundle == NULL; i++)
		trust->bundle = file_exists(bundles[i]) ? bundles[i] : NULL;
}

bool
trust_find(struct arena *arena, struct trust *ret, struct error *err)
{
	struct trust trust = {.folder = read_variable("SSL_CERT_DIR")};
	if (!add_named("SSL_CERT_FILE", arena, &trust, err))
		return false;
	if (trust.folder == NULL && trust.pem == NULL)
		find_system(&trust);
	if (!add_named("PAAS_CA_FILE", arena, &trust, err))
		return false;
	/* curl takes one file or one text: with a bundle, the text must hold both. */
	if (trust.bundle != NULL && trust.pem != NULL) {
		char *pem;
		size_t length;
		if (file_read(trust.bundle, PEM_MAX, arena, &pem, &length, err))
			trust.pem = join_pem(pem, trust.pem, arena);
		trust.bundle = NULL;
	}
	*ret = trust;
	return true;
}
