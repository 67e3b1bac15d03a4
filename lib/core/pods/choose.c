#include "core/pods/choose.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/buf.h"
#include "base/number.h"
#include "core/diagnose/object.h"

enum { NAMES_SHOWN = 400, NAME_MAX_LENGTH = 253, PORT_MAX = 65535 };

/* Names become words of another program's command line. */
static bool
is_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
	size_t length = strlen(name);
	return length > 0 && length <= NAME_MAX_LENGTH && strspn(name, allowed) == length && *name != '-' && *name != '.';
}

/* ---- which pod ---- */

static bool
is_running(const json_t *pod)
{
	return strcmp(object_word(pod, "status.phase"), "Running") == 0 && !object_is_leaving(pod);
}

static bool
is_of_release(const struct pod_question *question, const json_t *pod)
{
	const char *id = object_label(pod, "fiaas/deployment_id");
	return *question->deployment_id == '\0' || (id != NULL && strcmp(id, question->deployment_id) == 0);
}

/* Of the release, then ready, then young; RFC 3339 times sort as texts. */
static bool
is_better(const struct pod_question *question, const json_t *pod, const json_t *best)
{
	if (best == NULL)
		return true;
	if (is_of_release(question, pod) != is_of_release(question, best))
		return is_of_release(question, pod);
	bool is_ready = object_has_condition(pod, "Ready", "True");
	if (is_ready != object_has_condition(best, "Ready", "True"))
		return is_ready;
	return strcmp(object_word(pod, "metadata.creationTimestamp"), object_word(best, "metadata.creationTimestamp")) > 0;
}

static const char *
names_of(const json_t *list, const char *path, struct arena *arena)
{
	scoped(buf_release) struct buf names = BUF_INIT(NAMES_SHOWN);
	const json_t *item;
	size_t i;
	json_array_foreach(list, i, item)
		buf_printf(&names, "%s%s", i > 0 ? ", " : "", object_word(item, path));
	return arena_strdup(arena, names.bytes);
}

static bool
refuse_pod(const struct pod_question *question, const json_t *pods, const json_t *found, struct arena *arena,
           struct error *err)
{
	const char *application = question->application, *namespace = question->namespace;
	if (found != NULL)
		return error_set(err, ERROR_NOT_FOUND, "pod %s does not run: %s", question->pod,
		                 object_is_leaving(found) ? "it is being ended" : object_word(found, "status.phase"));
	if (json_array_size(pods) == 0)
		return error_set(err, ERROR_NOT_FOUND, "there is no pod of %s in namespace %s", application, namespace);
	if (question->pod == NULL)
		return error_set(err, ERROR_NOT_FOUND, "no pod of %s in namespace %s runs", application, namespace);
	error_put(err, ERROR_NOT_FOUND, "%s has no pod %s in namespace %s", application, question->pod, namespace);
	return error_next(err, "it has: %s", names_of(pods, "metadata.name", arena));
}

static bool
choose_pod(const struct pod_question *question, const json_t *pods, struct arena *arena, const json_t **ret,
           struct error *err)
{
	const json_t *pod, *best = NULL, *named = NULL;
	size_t i;
	json_array_foreach(pods, i, pod) {
		bool is_asked = question->pod == NULL || strcmp(object_name(pod), question->pod) == 0;
		named = is_asked && question->pod != NULL ? pod : named;
		if (is_asked && is_running(pod) && is_better(question, pod, best))
			best = pod;
	}
	*ret = best;
	return best != NULL || refuse_pod(question, pods, named, arena, err);
}

/* ---- which container ---- */

static const json_t *
container_called(const json_t *pod, const char *name)
{
	const json_t *container;
	size_t i;
	json_array_foreach(json_at(pod, "spec.containers"), i, container)
		if (name != NULL && strcmp(object_word(container, "name"), name) == 0)
			return container;
	return NULL;
}

static bool
choose_container(const struct pod_question *question, const json_t *pod, struct arena *arena, const char **ret,
                 struct error *err)
{
	const json_t *containers = json_at(pod, "spec.containers");
	const json_t *found = container_called(pod, question->container);
	if (question->container != NULL && found == NULL) {
		error_put(err, ERROR_NOT_FOUND, "pod %s has no container %s", object_name(pod), question->container);
		return error_next(err, "it has: %s", names_of(containers, "name", arena));
	}
	if (found == NULL)
		found = container_called(pod, object_annotation(pod, "kubectl.kubernetes.io/default-container"));
	if (found == NULL)
		found = container_called(pod, question->application);
	*ret = object_word(found != NULL ? found : json_array_get(containers, 0), "name");
	return true;
}

bool
pod_choose(const struct pod_question *question, const json_t *pods, struct arena *arena, struct pod_choice *ret,
           struct error *err)
{
	const json_t *pod;
	const char *container;
	if (!choose_pod(question, pods, arena, &pod, err) || !choose_container(question, pod, arena, &container, err))
		return false;
	if (!is_name(object_name(pod)) || !is_name(container))
		return error_set(err, ERROR_BAD_ANSWER, "the cluster tells of a pod or container whose name is none");
	*ret = (struct pod_choice){.object = pod, .pod = arena_strdup(arena, object_name(pod)),
	                           .container = arena_strdup(arena, container),
	                           .is_ready = object_has_condition(pod, "Ready", "True"),
	                           .is_of_release = is_of_release(question, pod)};
	return true;
}

/* ---- which port ---- */

/* "http (8080), metrics (9090)" */
static const char *
ports_of(const json_t *pod, struct arena *arena)
{
	scoped(buf_release) struct buf text = BUF_INIT(NAMES_SHOWN);
	const json_t *container, *port;
	size_t i, k;
	json_array_foreach(json_at(pod, "spec.containers"), i, container)
		json_array_foreach(json_list_at(container, "ports"), k, port)
			buf_printf(&text, "%s%s (%lld)", text.length > 0 ? ", " : "", object_word(port, "name"),
			           (long long)object_int(port, "containerPort"));
	return arena_strdup(arena, text.length > 0 ? text.bytes : "none");
}

/* NULL: the first of all. */
static int64_t
port_named(const json_t *pod, const char *name)
{
	const json_t *container, *port;
	size_t i, k;
	json_array_foreach(json_at(pod, "spec.containers"), i, container)
		json_array_foreach(json_list_at(container, "ports"), k, port)
			if (name == NULL || strcmp(object_word(port, "name"), name) == 0)
				return object_int(port, "containerPort");
	return 0;
}

bool
pod_port(const struct pod_choice *choice, const char *port, struct arena *arena, uint16_t *ret, struct error *err)
{
	uint64_t given = 0;
	int64_t number = 0;
	bool is_number = port != NULL && *port != '\0' && port[strspn(port, "0123456789")] == '\0';
	if (is_number && !number_parse_u64(port, 1, PORT_MAX, &given, err))
		return error_doing(err, "reading the port");
	number = is_number ? (int64_t)given : port_named(choice->object, port != NULL ? port : "http");
	if (port == NULL && number == 0)
		number = port_named(choice->object, NULL);
	if (number >= 1 && number <= PORT_MAX) {
		*ret = (uint16_t)number;
		return true;
	}
	error_put(err, ERROR_NOT_FOUND, port != NULL ? "pod %s has no port %s" : "pod %s names no port%s", choice->pod,
	          port != NULL ? port : "");
	return error_next(err, "give a number; it names: %s", ports_of(choice->object, arena));
}

/* ---- reading ---- */

bool
pods_read(struct kubernetes *kubernetes, const char *namespace, const char *application, struct arena *arena,
          json_t **ret, const char **ret_deployment_id, struct error *err)
{
	struct kubernetes_query query = {.resource = &kubernetes_pods, .namespace = namespace,
	                                 .label_selector = arena_printf(arena, "app=%s", application)};
	scoped(json_release) json_t *deployment = NULL;
	scoped(json_release) json_t *list = NULL;
	struct error ignored; /* without the Deployment any pod will do */
	if (!kubernetes_list(kubernetes, &query, &list, err))
		return false;
	if (!kubernetes_get(kubernetes, &kubernetes_deployments, namespace, application, &deployment, &ignored))
		deployment = NULL;
	const json_t *labels = json_at(deployment, "spec.template.metadata.labels");
	const char *id = json_string_value(json_object_get(labels, "fiaas/deployment_id"));
	*ret_deployment_id = arena_strdup(arena, id != NULL ? id : "");
	*ret = json_incref(json_list_at(list, "items"));
	return true;
}
