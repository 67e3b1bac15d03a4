#include "core/names/refresh.h"

#include <string.h>
#include <unistd.h>

#include "api/kubernetes/client.h"
#include "api/kubernetes/head.h"
#include "api/kubernetes/table.h"
#include "auth/credential.h"
#include "base/fiber.h"
#include "base/file.h"
#include "base/loop.h"
#include "core/configuration/values.h"
#include "core/deploy/direct.h"
#include "core/names/cache.h"
#include "core/names/prune.h"
#include "data/json.h"
#include "net/http.h"
#include "role/cluster.h"

enum { CACHE_MODE = 0600 };
enum { NAME, IMAGES, ID }; /* columns of a Table, then the label */

struct refresh {
	struct loop *loop;
	struct http *http;
	struct names_refresh *lists;
	size_t count;
	int told;
	bool has_pruned; /* once is enough */
};

struct asking {
	struct refresh *refresh;
	struct names_refresh *list;
	struct names names;
	size_t n_rows; /* that the server told: a list need not end by itself */
	struct arena arena;
};

/* ---- what the cluster says ---- */

/* The first container's image without digest; NULL when it has no tag either: that is no release. */
static const char *
release_of(const char *images, struct arena *arena)
{
	const char *image = arena_strndup(arena, images, strcspn(images, ",@"));
	const char *slash = strrchr(image, '/'), *colon = strrchr(image, ':');
	return colon != NULL && (slash == NULL || colon > slash) ? image : NULL;
}

/* A replica set is named after its Deployment, which is the application, and a hash. */
static void
add_release(struct asking *asking, const char *name, const char *images)
{
	const char *dash = strrchr(name, '-');
	const char *release = release_of(images, &asking->arena);
	if (release == NULL || dash == NULL)
		return;
	const char *application = arena_strndup(&asking->arena, name, (size_t)(dash - name));
	names_add(&asking->names, release, application, &asking->arena);
}

static void
forget(void *data)
{
	struct asking *asking = data;
	asking->names.count = asking->n_rows = 0;
}

static bool
take_row(void *data, const char *const *cells, struct error *err)
{
	struct asking *asking = data;
	if (asking->n_rows++ == NAMES_MAX)
		return error_set(err, ERROR_BAD_ANSWER, "there are more than %d", NAMES_MAX);
	if (asking->list->target->kind == NAMES_RELEASES)
		add_release(asking, cells[NAME], cells[IMAGES]);
	else if (asking->list->target->kind == NAMES_DEPLOYMENTS)
		names_add(&asking->names, cells[ID], cells[NAME], &asking->arena);
	else
		names_add(&asking->names, cells[NAME], "", &asking->arena);
	return true;
}

static bool
read_names(struct asking *asking, struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
           const char *label_selector, struct error *err)
{
	static const char *const columns[] = {[NAME] = "Name", [IMAGES] = "Images"};
	const struct names_target *target = asking->list->target;
	struct kubernetes_table table = {
		.query = {.resource = resource, .namespace = target->namespace, .label_selector = label_selector},
		.columns = columns, .n_columns = array_length(columns),
		.label = target->kind == NAMES_DEPLOYMENTS ? "fiaas/deployment_id" : NULL,
		.begun = forget, .row = take_row, .data = asking,
	};
	/* What is past the maximum is left out; that is no failure. */
	return kubernetes_read_table(kubernetes, &table, err) || asking->n_rows > NAMES_MAX;
}

/* ---- of one application ---- */

static void
add_texts(struct asking *asking, const json_t *list, const char *member)
{
	const json_t *item;
	size_t i;
	json_array_foreach (list, i, item)
		names_add(&asking->names, json_text_or(item, member, ""), "", &asking->arena);
}

static void
add_ports(struct asking *asking, const json_t *containers)
{
	const json_t *container, *port;
	size_t i, k;
	json_array_foreach (containers, i, container)
		json_array_foreach (json_list_at(container, "ports"), k, port) {
			int64_t number = json_int_at(port, "containerPort", 0);
			const char *name = json_text_or(port, "name", NULL);
			names_add(&asking->names, name != NULL ? name : arena_printf(&asking->arena, "%lld", (long long)number), "",
			          &asking->arena);
		}
}

/* Its Deployment is called as the application. */
static bool
read_workload(struct asking *asking, struct kubernetes *kubernetes, struct error *err)
{
	const struct names_target *target = asking->list->target;
	scoped(json_release) json_t *deployment = NULL;
	if (!kubernetes_get(kubernetes, &kubernetes_deployments, target->namespace, target->application, &deployment, err))
		return false;
	const json_t *containers = json_list_at(deployment, "spec.template.spec.containers");
	if (target->kind == NAMES_PORTS) {
		add_ports(asking, containers);
		return true;
	}
	add_texts(asking, containers, "name");
	add_texts(asking, json_list_at(deployment, "spec.template.spec.initContainers"), "name");
	return true;
}

/* The object's head tells its names; what is in them is not asked for. */
static bool
read_values(struct asking *asking, struct kubernetes *kubernetes, struct error *err)
{
	const struct names_target *target = asking->list->target;
	const struct values_form *form = target->kind == NAMES_SECRETS ? &values_secret : &values_variable;
	scoped(kubernetes_head_release) struct kubernetes_head head = {0};
	scoped(values_release) struct values values = {0};
	if (!kubernetes_get_head(kubernetes, form->resource, target->namespace, target->application, &head, err))
		return false;
	values_of(head.metadata, NULL, &asking->arena, &values);
	for (size_t i = 0; i < values.count; i++)
		names_add(&asking->names, values.entries[i].name, "", &asking->arena);
	return true;
}

static bool
read_of_one(struct asking *asking, struct kubernetes *kubernetes, struct error *err)
{
	enum names_kind kind = asking->list->target->kind;
	bool is_done = kind == NAMES_CONTAINERS || kind == NAMES_PORTS ? read_workload(asking, kubernetes, err)
	                                                               : read_values(asking, kubernetes, err);
	return is_done || err->code == ERROR_NOT_FOUND; /* then it has none */
}

static bool
ask(struct asking *asking, struct error *err)
{
	static const struct kubernetes_resource *const resources[] = {
		[NAMES_APPLICATIONS] = &kubernetes_applications,
		[NAMES_PODS] = &kubernetes_pods,
		[NAMES_RELEASES] = &kubernetes_replica_sets,
		[NAMES_DEPLOYMENTS] = &kubernetes_applications,
	};
	const struct names_target *target = asking->list->target;
	scoped(cluster_close) struct cluster *cluster = NULL;
	if (!cluster_open(asking->refresh->http, target->cluster, &asking->arena, &cluster, err))
		return false;
	if (cluster->access.exec != NULL)
		return error_set(err, ERROR_NOT_LOGGED_IN, "its credential comes from a program");
	if (names_are_of_one(target->kind))
		return read_of_one(asking, cluster->kubernetes, err);
	const struct kubernetes_resource *resource = resources[target->kind];
	if (read_names(asking, cluster->kubernetes, resource, NULL, err))
		return true;
	/* Without the operator, what was deployed directly stands for the Applications. */
	return resource == &kubernetes_applications && err->code == ERROR_NOT_FOUND &&
	       read_names(asking, cluster->kubernetes, &kubernetes_deployments, DIRECT_LABEL, err);
}

/* ---- what becomes of it ---- */

static void
tell(const struct asking *asking, const struct buf *content)
{
	unsigned char number = (unsigned char)(asking->list - asking->refresh->lists);
	if (asking->list->answer < 0 ||
	    pwrite(asking->list->answer, content->bytes, content->length, 0) != (ssize_t)content->length)
		return;
	ssize_t ignored = write(asking->refresh->told, &number, 1); /* who waited may be gone */
	(void)ignored;
}

/* After the answer: nobody waits for this. */
static void
prune(const struct asking *asking)
{
	if (asking->list->lock < 0 || asking->refresh->has_pruned)
		return;
	names_prune(asking->list->target->path);
	asking->refresh->has_pruned = true;
}

static void
keep(const struct asking *asking)
{
	const struct names_target *target = asking->list->target;
	scoped(buf_release) struct buf content = BUF_INIT(NAMES_FILE_MAX);
	struct error ignored;
	if (!names_format(&asking->names, target->key, &content))
		return;
	/* The file first: whoever asks again after this answer finds it. */
	if (asking->list->lock >= 0)
		(void)!file_write(target->path, content.bytes, content.length, CACHE_MODE, &ignored);
	tell(asking, &content);
	prune(asking);
}

static void
refresh_list(void *data)
{
	struct asking *asking = data;
	struct error ignored;
	asking->names = names_new(&asking->arena);
	if (ask(asking, &ignored))
		keep(asking);
	file_close_fd(&asking->list->lock);
	arena_release(&asking->arena);
}

static void
refresh_all(void *data)
{
	struct refresh *refresh = data;
	struct asking asking[NAMES_TARGETS_MAX] = {0};
	struct fiber *fibers[NAMES_TARGETS_MAX];
	for (size_t i = 0; i < refresh->count; i++) {
		asking[i] = (struct asking){.refresh = refresh, .list = &refresh->lists[i]};
		fibers[i] = fiber_start(refresh->loop, refresh_list, &asking[i]);
	}
	for (size_t i = 0; i < refresh->count; i++)
		fiber_join(fibers[i]);
}

void
names_refresh(const struct names_person *person, struct names_refresh *lists, size_t count, int told)
{
	struct refresh refresh = {.lists = lists, .count = count, .told = told};
	struct error ignored;
	if (!loop_open(&refresh.loop, &ignored))
		return;
	if (http_open(refresh.loop, &refresh.http, &ignored)) {
		credential_begin(&(struct credential_options){.loop = refresh.loop, .http = refresh.http, .sso = person->sso,
		                                              .keys = person->keys, .without_renewal = true});
		fiber_run(refresh.loop, refresh_all, &refresh);
		credential_end();
		http_close(refresh.http);
	}
	loop_close(refresh.loop);
}
