#include "api/kubernetes/kubeconfig_write.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "data/json.h"

/* A certificate is no secret. */
static const char *
base64_of(const char *text, struct arena *arena)
{
	size_t room = sodium_base64_encoded_len(strlen(text), sodium_base64_VARIANT_ORIGINAL);
	char *encoded = arena_alloc(arena, room);
	return sodium_bin2base64(encoded, room, (const unsigned char *)text, strlen(text), sodium_base64_VARIANT_ORIGINAL);
}

static json_t *
cluster_of(const struct kubernetes_access *access, struct arena *arena)
{
	json_t *cluster = json_pack("{s:s}", "server", access->server);
	if (access->ca_pem != NULL)
		json_object_set_new(cluster, "certificate-authority-data", json_string(base64_of(access->ca_pem, arena)));
	if (access->tls_server_name != NULL)
		json_object_set_new(cluster, "tls-server-name", json_string(access->tls_server_name));
	if (access->proxy != NULL)
		json_object_set_new(cluster, "proxy-url", json_string(access->proxy));
	return cluster;
}

struct secret *
kubeconfig_text_of(const struct kubernetes_access *access, struct arena *arena)
{
	bool has_token = access->token != NULL && strncasecmp(access->server, "https://", 8) == 0;
	scoped(json_release) json_t *config = json_pack(
		"{s:s, s:s, s:s, s:[{s:s, s:o}], s:[{s:s, s:{s:s, s:s, s:s}}]}", "apiVersion", "v1", "kind", "Config",
		"current-context", "paas", "clusters", "name", "paas", "cluster", cluster_of(access, arena), "contexts", "name",
		"paas", "context", "cluster", "paas", "user", "paas", "namespace", access->namespace);
	char *text = json_write(config, arena);
	text[strlen(text) - 1] = '\0'; /* its last brace comes after the user */
	const struct secret_piece pieces[] = {
		{text, NULL, SECRET_AS_IS},
		{",\"users\":[{\"name\":\"paas\",\"user\":{", NULL, SECRET_AS_IS},
		{has_token ? "\"token\":\"" : "", has_token ? access->token : NULL, SECRET_AS_JSON},
		{has_token ? "\"}}]}\n" : "}}]}\n", NULL, SECRET_AS_IS},
	};
	return secret_compose(pieces, array_length(pieces));
}

/* Nobody can change it any more. */
static bool
fill(int fd, const struct secret *text)
{
	return fchmod(fd, 0600) == 0 && secret_write(text, fd) && lseek(fd, 0, SEEK_SET) == 0 &&
	       fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
}

bool
kubeconfig_open(const struct kubernetes_access *access, struct arena *arena, int *ret_fd, const char **ret_path,
                struct error *err)
{
	scoped(secret_release) struct secret *text = kubeconfig_text_of(access, arena);
	int fd = memfd_create("kubeconfig", MFD_ALLOW_SEALING); /* inherited on purpose: no MFD_CLOEXEC */
	if (fd < 0 || !fill(fd, text)) {
		error_put(err, ERROR_FAILED, "a kubeconfig in memory: %s", strerror(errno));
		file_close_fd(&fd);
		return false;
	}
	*ret_path = arena_printf(arena, "/proc/self/fd/%d", fd);
	*ret_fd = fd;
	return true;
}
