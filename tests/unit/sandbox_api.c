#include "sandbox/kubernetes/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/loop.h"
#include "sandbox/fault.h"
#include "sandbox/kubernetes/protobuf.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"
#include "web/server.h"

static struct loop *loop;
static struct store *store;
static struct kubernetes_api *api;
static struct faults *faults;
static struct web_server *server;
static const char *log_text, *token;

/* One connection: what was read, whether the server has closed it. */
struct client {
	struct loop_watch watch;
	char text[400000];
	size_t length;
	bool is_at_end;
};
static struct client client;

/* ---- set-up ---- */

static void
handle_api(void *data, struct web_request *request)
{
	(void)data;
	kubernetes_api_handle(api, request);
}

static void
handle(void *data, struct web_request *request)
{
	fault_pass(faults, request, handle_api, data);
}

static const char *
read_log(void *data, const char *namespace, const char *pod, const char *container, bool is_previous,
         size_t *ret_length)
{
	(void)data, (void)namespace, (void)pod, (void)container, (void)is_previous;
	*ret_length = strlen(log_text);
	return log_text;
}

static void
put(const char *group, const char *plural, const char *json)
{
	json_t *object = json_loads(json, 0, NULL);
	assert_non_null(object);
	store_put(store, resource_find(group, "v1", plural), object);
}

static int
set_up(void **state)
{
	static const struct kubernetes_api_user user = {.name = "me", .token = "secret", .denied = "get:secrets"};
	struct error err;
	(void)state;
	log_text = "";
	token = "secret";
	store = store_new();
	if (!loop_open(&loop, &err))
		return -1;
	faults = faults_new(loop);
	api = kubernetes_api_new(&(struct kubernetes_api_options){
		.loop = loop, .store = store, .users = &user, .n_users = 1, .read_log = read_log});
	put("", "namespaces", "{\"metadata\":{\"name\":\"n\"}}");
	return web_server_open(&(struct web_server_options){.loop = loop, .handle = handle}, &server, &err) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	loop_watch_remove(loop, &client.watch);
	close(client.watch.fd);
	client.watch.fd = -1;
	kubernetes_api_free(api);
	web_server_close(server);
	faults_free(faults);
	store_free(store);
	loop_close(loop);
	return 0;
}

/* ---- talking ---- */

static void
client_ready(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	ssize_t got = read(watch->fd, client.text + client.length, sizeof client.text - 1 - client.length);
	if (got <= 0) {
		client.is_at_end = true;
		loop_watch_remove(loop, watch);
	} else {
		client.length += (size_t)got;
	}
	client.text[client.length] = '\0';
	loop_stop(loop);
}

static void
stop(struct loop_timer *timer)
{
	(void)timer;
	loop_stop(loop);
}

static void
pump(void)
{
	struct loop_timer timer = {.fire = stop};
	loop_timer_set(loop, &timer, 50);
	loop_run(loop);
	loop_timer_cancel(loop, &timer);
}

static void
send_request(const char *method, const char *target, const char *headers, const char *body, size_t length)
{
	struct error err;
	char head[2000];
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(web_server_port(server)),
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (client.watch.fd > 0) {
		loop_watch_remove(loop, &client.watch);
		close(client.watch.fd);
	}
	client = (struct client){.watch = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .ready = client_ready}};
	assert_int_equal(connect(client.watch.fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_true(loop_watch_set(loop, &client.watch, EPOLLIN, &err));
	int n = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
	                 "Authorization: Bearer %s\r\nContent-Length: %zu\r\n%s\r\n", method, target, token, length, headers);
	assert_int_equal(write(client.watch.fd, head, (size_t)n), n);
	assert_int_equal(write(client.watch.fd, body, length), length);
}

/* The answer's JSON, borrowed until the next call; *client.text has its head. */
static json_t *
ask_with(const char *method, const char *target, const char *headers, const char *body)
{
	static json_t *answer;
	send_request(method, target, headers, body, strlen(body));
	for (int i = 0; i < 100 && !client.is_at_end; i++)
		pump();
	const char *start = strstr(client.text, "\r\n\r\n");
	json_decref(answer);
	answer = start == NULL ? NULL : json_loads(start + 4, JSON_DISABLE_EOF_CHECK, NULL);
	return answer;
}

static json_t *
ask(const char *method, const char *target, const char *body)
{
	return ask_with(method, target, "", body);
}

static int
code(void)
{
	return client.length < 12 ? 0 : atoi(client.text + strlen("HTTP/1.1 "));
}

static void
wait_for(const char *text)
{
	for (int i = 0; i < 100 && strstr(client.text, text) == NULL; i++)
		pump();
	if (strstr(client.text, text) == NULL)
		fail_msg("\"%s\" never came: %s", text, client.text);
}

static void
put_numbered(const char *plural, int n)
{
	char json[200];
	for (int i = 0; i < n; i++) {
		snprintf(json, sizeof json, "{\"metadata\":{\"namespace\":\"n\",\"name\":\"c%02d\",\"labels\":{\"odd\":\"%d\"}}}",
		         i, i % 2);
		put("", plural, json);
	}
}

/* ---- authentication, routes ---- */

static void
test_api__a_wrong_token_is_a_401(void **state)
{
	(void)state;
	token = "wrong";
	json_t *status = ask("GET", "/api/v1/pods", "");
	assert_int_equal(code(), 401);
	assert_string_equal(tree_text(status, "reason"), "Unauthorized");
	ask("GET", "/version", "");
	assert_int_equal(code(), 200);
}

static void
test_api__a_denied_verb_is_a_403(void **state)
{
	(void)state;
	kubernetes_api_deny(api, "list:pods");
	json_t *status = ask("GET", "/api/v1/namespaces/n/pods", "");
	assert_int_equal(code(), 403);
	assert_string_equal(tree_text(status, "message"),
	                    "pods is forbidden: User \"me\" cannot list resource \"pods\" in API group \"\" in the "
	                    "namespace \"n\"");
}

static const struct {
	const char *method, *target, *body;
	int code;
	const char *reason;
} routes[] = {
	{"GET", "/api/v1/namespaces/n/pods", "", 200, ""},
	{"GET", "/api/v1/pods", "", 200, ""},
	{"GET", "/api/v1/namespaces/n/pods/x", "", 404, "NotFound"},
	{"GET", "/api/v1/namespaces/n/nonsense", "", 404, "NotFound"},
	{"GET", "/apis/nope/v1/things", "", 404, "NotFound"},
	{"GET", "/api/v1/namespaces/n", "", 200, ""},
	{"GET", "/api/v1/namespaces/n/nodes", "", 404, "NotFound"},
	{"GET", "/api/v1/namespaces/n/secrets/x", "", 403, "Forbidden"},
	{"PUT", "/api/v1/namespaces/n/configmaps", "{}", 405, "MethodNotAllowed"},
	{"POST", "/api/v1/namespaces/n/configmaps", "{", 400, "BadRequest"},
	{"POST", "/api/v1/namespaces/n/configmaps", "{\"kind\":\"Pod\"}", 400, "BadRequest"},
	{"POST", "/api/v1/namespaces/n/configmaps", "{\"metadata\":{}}", 422, "Invalid"},
	{"POST", "/api/v1/namespaces/none/configmaps", "{\"metadata\":{\"name\":\"a\"}}", 404, "NotFound"},
	{"POST", "/api/v1/namespaces/n/configmaps", "{\"metadata\":{\"name\":\"a\",\"namespace\":\"m\"}}", 400, "BadRequest"},
	{"POST", "/api/v1/namespaces/n/configmaps", "{\"metadata\":{\"name\":\"a\"}}", 201, ""},
	{"POST", "/api/v1/namespaces/n/configmaps", "{\"metadata\":{\"name\":\"a\"}}", 409, "AlreadyExists"},
	{"PUT", "/api/v1/namespaces/n/configmaps/a", "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"}}", 409, "Conflict"},
	{"PUT", "/api/v1/namespaces/n/configmaps/a", "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"v\"}}", 200, ""},
	{"PATCH", "/api/v1/namespaces/n/configmaps/a", "{}", 415, "UnsupportedMediaType"},
	{"DELETE", "/api/v1/namespaces/n/configmaps/a", "{\"preconditions\":{\"uid\":\"no\"}}", 409, "Conflict"},
	{"DELETE", "/api/v1/namespaces/n/configmaps/a", "", 200, ""},
	{"DELETE", "/api/v1/namespaces/n/configmaps/a", "", 404, "NotFound"},
	{"GET", "/readyz", "", 200, ""},
	{"GET", "/apis/apps/v1", "", 200, ""},
};

static void
test_api__routes_answer_as_documented(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(routes); i++) {
		json_t *answer = ask(routes[i].method, routes[i].target, routes[i].body);
		if (code() != routes[i].code || strcmp(tree_text(answer, "reason"), routes[i].reason) != 0)
			fail_msg("%s %s: %s", routes[i].method, routes[i].target, client.text);
	}
}

/* ---- lists ---- */

static void
test_list__pages_stay_consistent_while_objects_come_and_go(void **state)
{
	(void)state;
	char target[2000], names[100] = "";
	put_numbered("configmaps", 6);
	json_t *page = ask("GET", "/api/v1/namespaces/n/configmaps?limit=4", "");
	assert_int_equal(tree_int(page, "metadata.remainingItemCount"), 2);
	assert_null(tree_get(page, "items.0.kind"));
	snprintf(target, sizeof target, "/api/v1/namespaces/n/configmaps?limit=4&continue=%s",
	         tree_text(page, "metadata.continue"));
	store_delete(store, resource_find("", "v1", "configmaps"), "n", "c05");
	put("", "configmaps", "{\"metadata\":{\"namespace\":\"n\",\"name\":\"c99\"}}");
	page = ask("GET", target, "");
	for (size_t i = 0; i < json_array_size(tree_get(page, "items")); i++)
		strcat(names, tree_text(json_array_get(tree_get(page, "items"), i), "metadata.name"));
	assert_string_equal(names, "c04c05");
	assert_string_equal(tree_text(page, "metadata.continue"), "");
}

static void
test_list__an_expired_token_offers_to_go_on(void **state)
{
	(void)state;
	char target[2000];
	put_numbered("configmaps", 4);
	json_t *answer = ask("GET", "/api/v1/configmaps?limit=2", "");
	snprintf(target, sizeof target, "/api/v1/configmaps?limit=2&continue=%s", tree_text(answer, "metadata.continue"));
	put("", "configmaps", "{\"metadata\":{\"namespace\":\"n\",\"name\":\"c99\"}}");
	store_compact(store);
	answer = ask("GET", target, "");
	assert_int_equal(code(), 410);
	assert_string_equal(tree_text(answer, "reason"), "Expired");
	snprintf(target, sizeof target, "/api/v1/configmaps?continue=%s", tree_text(answer, "metadata.continue"));
	answer = ask("GET", target, "");
	assert_int_equal(json_array_size(tree_get(answer, "items")), 3);
}

static void
test_list__rows_of_the_version_table(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		int code;
		size_t n_items;
	} rows[] = {
		{"", 200, 4}, {"limit=2", 200, 2}, {"limit=2&resourceVersion=0", 200, 4},
		{"resourceVersion=1003", 200, 4}, {"resourceVersion=1003&resourceVersionMatch=Exact", 200, 2},
		{"resourceVersion=1003&resourceVersionMatch=NotOlderThan", 200, 4},
		{"resourceVersion=9999", 504, 0}, {"resourceVersion=x", 400, 0}, {"resourceVersionMatch=Exact", 400, 0},
		{"resourceVersion=0&resourceVersionMatch=Exact", 400, 0},
		{"resourceVersion=500&resourceVersionMatch=Exact", 410, 0}, {"continue=junk", 400, 0},
		{"labelSelector=odd%3D1", 200, 2}, {"fieldSelector=metadata.name%3Dc00", 200, 1},
		{"labelSelector=odd%20in", 400, 0},
	};
	char target[300];
	put_numbered("configmaps", 4); /* versions 1002 to 1005 */
	for (size_t i = 0; i < array_length(rows); i++) {
		snprintf(target, sizeof target, "/api/v1/namespaces/n/configmaps?%s", rows[i].query);
		json_t *answer = ask("GET", target, "");
		if (code() != rows[i].code || json_array_size(tree_get(answer, "items")) != rows[i].n_items)
			fail_msg("%s: %s", rows[i].query, client.text);
	}
}

static void
test_list__shapes_by_the_accept_header(void **state)
{
	(void)state;
	put_numbered("configmaps", 1);
	json_t *table = ask_with("GET", "/api/v1/configmaps",
	                         "Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json\r\n", "");
	assert_string_equal(tree_text(table, "kind"), "Table");
	assert_string_equal(tree_text(table, "columnDefinitions.0.name"), "Name");
	assert_string_equal(tree_text(table, "rows.0.cells.0"), "c00");
	assert_string_equal(tree_text(table, "rows.0.object.kind"), "PartialObjectMetadata");
	json_t *list = ask_with("GET", "/api/v1/configmaps",
	                        "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1\r\n", "");
	assert_string_equal(tree_text(list, "kind"), "PartialObjectMetadataList");
	assert_string_equal(tree_text(list, "items.0.kind"), "PartialObjectMetadata");
}

/* ---- watches ---- */

static void
test_watch__tells_who_enters_and_leaves_the_selection(void **state)
{
	(void)state;
	send_request("GET", "/api/v1/namespaces/n/configmaps?watch=1&resourceVersion=1001&labelSelector=a%3Db", "", "", 0);
	wait_for("200 OK");
	put("", "configmaps", "{\"metadata\":{\"namespace\":\"n\",\"name\":\"x\"}}");
	put("", "configmaps", "{\"metadata\":{\"namespace\":\"n\",\"name\":\"x\",\"labels\":{\"a\":\"b\"}}}");
	put("", "configmaps", "{\"metadata\":{\"namespace\":\"n\",\"name\":\"x\"}}");
	wait_for("{\"type\":\"DELETED\"");
	assert_non_null(strstr(client.text, "{\"type\":\"ADDED\""));
	assert_null(strstr(client.text, "MODIFIED"));
	assert_non_null(strstr(strstr(client.text, "DELETED"), "\"resourceVersion\":\"1004\""));
}

static void
test_watch__replays_what_was_missed(void **state)
{
	(void)state;
	put_numbered("configmaps", 3);
	send_request("GET", "/api/v1/configmaps?watch=1&resourceVersion=1002", "", "", 0);
	wait_for("\"name\":\"c02\""); /* quoted: c02 alone may be a part of a uid */
	assert_null(strstr(client.text, "\"name\":\"c00\""));
	assert_non_null(strstr(client.text, "\"name\":\"c01\""));
}

static void
test_watch__too_old_a_version_is_an_error_in_the_stream(void **state)
{
	(void)state;
	put_numbered("configmaps", 3);
	store_compact(store);
	json_t *event = ask("GET", "/api/v1/configmaps?watch=1&resourceVersion=1002", "");
	assert_int_equal(code(), 200);
	(void)event;
	assert_non_null(strstr(client.text, "{\"type\":\"ERROR\""));
	assert_non_null(strstr(client.text, "\"code\":410"));
}

static void
test_watch__initial_events_end_with_a_bookmark(void **state)
{
	(void)state;
	put_numbered("configmaps", 1);
	send_request("GET", "/api/v1/configmaps?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
	             "&allowWatchBookmarks=true", "", "", 0);
	wait_for("k8s.io/initial-events-end");
	assert_true(strstr(client.text, "ADDED") < strstr(client.text, "BOOKMARK"));
}

static void
test_watch__ends_after_its_timeout(void **state)
{
	(void)state;
	clock_set_rate(100);
	ask("GET", "/api/v1/configmaps?watch=1&timeoutSeconds=1&allowWatchBookmarks=true", "");
	clock_set_rate(1);
	assert_true(client.is_at_end);
	assert_non_null(strstr(client.text, "BOOKMARK"));
	assert_int_equal(kubernetes_api_open_watches(api), 0);
}

static void
test_watch__is_forgotten_when_the_client_leaves(void **state)
{
	(void)state;
	send_request("GET", "/api/v1/configmaps?watch=1", "", "", 0);
	wait_for("200 OK");
	assert_int_equal(kubernetes_api_open_watches(api), 1);
	shutdown(client.watch.fd, SHUT_RDWR);
	for (int i = 0; i < 100 && kubernetes_api_open_watches(api) > 0; i++)
		pump();
	assert_int_equal(kubernetes_api_open_watches(api), 0);
}

/* ---- status, dry run, deletion ---- */

static const char deployment[] =
	"{\"metadata\":{\"name\":\"d\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":"
	"{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}},\"status\":{\"replicas\":9}}";

static void
test_write__spec_and_status_are_written_apart(void **state)
{
	(void)state;
	json_t *answer = ask("POST", "/apis/apps/v1/namespaces/n/deployments", deployment);
	assert_int_equal(code(), 201);
	assert_null(tree_get(answer, "status"));
	assert_int_equal(tree_int(answer, "spec.progressDeadlineSeconds"), 600);
	answer = ask_with("PATCH", "/apis/apps/v1/namespaces/n/deployments/d/status",
	                  "Content-Type: application/merge-patch+json\r\n",
	                  "{\"spec\":{\"replicas\":7},\"status\":{\"replicas\":3}}");
	assert_int_equal(tree_int(answer, "status.replicas"), 3);
	assert_int_equal(tree_int(answer, "spec.replicas"), 1);
	assert_int_equal(tree_int(answer, "metadata.generation"), 1);
}

static void
test_write__a_dry_run_stores_nothing(void **state)
{
	(void)state;
	json_t *answer = ask("POST", "/apis/apps/v1/namespaces/n/deployments?dryRun=All", deployment);
	assert_int_equal(code(), 201);
	assert_int_equal(tree_int(answer, "spec.revisionHistoryLimit"), 10);
	ask("GET", "/apis/apps/v1/namespaces/n/deployments/d", "");
	assert_int_equal(code(), 404);
}

static void
test_write__finalizers_hold_a_deleted_object(void **state)
{
	(void)state;
	put("", "configmaps", "{\"metadata\":{\"namespace\":\"n\",\"name\":\"x\",\"finalizers\":[\"a/b\"]}}");
	json_t *answer = ask("DELETE", "/api/v1/namespaces/n/configmaps/x", "");
	assert_string_not_equal(tree_text(answer, "metadata.deletionTimestamp"), "");
	ask_with("PATCH", "/api/v1/namespaces/n/configmaps/x", "Content-Type: application/merge-patch+json\r\n",
	         "{\"metadata\":{\"finalizers\":null}}");
	assert_int_equal(code(), 200);
	ask("GET", "/api/v1/namespaces/n/configmaps/x", "");
	assert_int_equal(code(), 404);
}

static void
test_write__a_pod_on_a_node_gets_its_grace(void **state)
{
	(void)state;
	put("", "pods", "{\"metadata\":{\"namespace\":\"n\",\"name\":\"p\"},\"spec\":{\"nodeName\":\"m\","
	    "\"terminationGracePeriodSeconds\":30}}");
	json_t *pod = ask("DELETE", "/api/v1/namespaces/n/pods/p", "");
	assert_int_equal(tree_int(pod, "metadata.deletionGracePeriodSeconds"), 30);
	ask("DELETE", "/api/v1/namespaces/n/pods/p?gracePeriodSeconds=0", "");
	ask("GET", "/api/v1/namespaces/n/pods/p", "");
	assert_int_equal(code(), 404);
}

static void
test_write__nonsense_does_no_harm(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"[]", "{\"metadata\":null}", "{\"metadata\":\"x\"}", "{\"metadata\":[1]}", "{\"data\":3}",
		"{\"metadata\":{\"labels\":[]}}", "{\"metadata\":{\"managedFields\":3}}", "[{\"op\":\"remove\",\"path\":\"/metadata\"}]",
		"[{\"op\":\"replace\",\"path\":\"\",\"value\":[]}]", "{\"metadata\":{\"managedFields\":[{\"fieldsV1\":[]},3]}}",
	};
	static const char *const types[] = {"application/json-patch+json", "application/merge-patch+json",
	                                    "application/strategic-merge-patch+json", "application/apply-patch+yaml"};
	char header[100];
	put_numbered("configmaps", 1);
	for (size_t i = 0; i < array_length(bodies); i++) {
		ask("POST", "/api/v1/namespaces/n/configmaps", bodies[i]);
		assert_in_range(code(), 400, 499);
		ask("PUT", "/api/v1/namespaces/n/configmaps/c00", bodies[i]);
		for (size_t at = 0; at < array_length(types); at++) {
			snprintf(header, sizeof header, "Content-Type: %s\r\n", types[at]);
			ask_with("PATCH", "/api/v1/namespaces/n/configmaps/c00?fieldManager=m", header, bodies[i]);
			assert_in_range(code(), 200, 499);
		}
		json_t *object = ask("GET", "/api/v1/namespaces/n/configmaps/c00", "");
		assert_string_equal(tree_text(object, "metadata.name"), "c00");
	}
}

static void
test_write__unknown_fields_of_an_application_are_pruned_aloud(void **state)
{
	(void)state;
	static const char body[] = "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"image\":\"i:1\",\"bogus\":1,\"config\":{\"any\":1}}}";
	json_t *answer = ask("POST", "/apis/fiaas.schibsted.io/v1/namespaces/n/applications?fieldValidation=Strict", body);
	assert_int_equal(code(), 400);
	assert_non_null(strstr(tree_text(answer, "message"), "strict decoding error: unknown field \"spec.bogus\""));
	answer = ask("POST", "/apis/fiaas.schibsted.io/v1/namespaces/n/applications", body);
	assert_int_equal(code(), 201);
	assert_non_null(strstr(client.text, "Warning: 299 - \"unknown field \\\"spec.bogus\\\"\""));
	assert_null(tree_get(answer, "spec.bogus"));
	assert_int_equal(tree_int(answer, "spec.config.any"), 1);
}

/* ---- logs ---- */

static void
put_log_pod(const char *state)
{
	char json[500];
	snprintf(json, sizeof json, "{\"metadata\":{\"namespace\":\"n\",\"name\":\"p\"},\"spec\":{\"nodeName\":\"m\","
	         "\"containers\":[{\"name\":\"c\"}]},\"status\":{\"containerStatuses\":[{\"name\":\"c\",\"state\":{%s}}]}}", state);
	put("", "pods", json);
	log_text = "2026-11-24T02:00:00.1Z one\n2026-11-24T02:00:01Z two\n2026-11-24T02:00:02.5Z three\n";
}

static void
test_log__parts_and_times(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"", "\r\n\r\none\ntwo\nthree\n"}, {"?tailLines=1", "\r\n\r\nthree\n"}, {"?limitBytes=6", "\r\n\r\none\ntw"},
		{"?timestamps=true&tailLines=1", "\r\n\r\n2026-11-24T02:00:02.5Z three\n"},
		{"?sinceTime=2026-11-24T02:00:01.9Z", "\r\n\r\ntwo\nthree\n"}, {"?tailLines=0", "\r\n\r\n"},
		{"?previous=true", "previous terminated container \\\"c\\\" in pod \\\"p\\\" not found"},
		{"?container=x", "container x is not valid for pod p"},
		{"?sinceTime=2026-11-24T02:00:01Z&sinceSeconds=1", "at most one of"},
	};
	char target[200];
	put_log_pod("\"running\":{}");
	for (size_t i = 0; i < array_length(rows); i++) {
		snprintf(target, sizeof target, "/api/v1/namespaces/n/pods/p/log%s", rows[i][0]);
		ask("GET", target, "");
		if (strstr(client.text, rows[i][1]) == NULL)
			fail_msg("%s: %s", rows[i][0], client.text);
	}
}

static void
test_log__a_container_not_started_is_a_400(void **state)
{
	(void)state;
	put_log_pod("\"waiting\":{\"reason\":\"ContainerCreating\"}");
	json_t *status = ask("GET", "/api/v1/namespaces/n/pods/p/log", "");
	assert_int_equal(code(), 400);
	assert_string_equal(tree_text(status, "message"),
	                    "container \"c\" in pod \"p\" is waiting to start: ContainerCreating");
}

static void
test_log__follows_until_the_container_ends(void **state)
{
	(void)state;
	put_log_pod("\"running\":{}");
	send_request("GET", "/api/v1/namespaces/n/pods/p/log?follow=true&tailLines=1", "", "", 0);
	wait_for("three\n");
	log_text = "2026-11-24T02:00:00.1Z one\n2026-11-24T02:00:01Z two\n2026-11-24T02:00:02.5Z three\n"
	           "2026-11-24T02:00:03Z four\n";
	wait_for("four\n");
	put("", "pods", "{\"metadata\":{\"namespace\":\"n\",\"name\":\"p\"},\"spec\":{\"nodeName\":\"m\"}}");
	for (int i = 0; i < 100 && !client.is_at_end; i++)
		pump();
	assert_true(client.is_at_end);
}

/* ---- faults, protobuf ---- */

static void
test_fault__acts_on_the_nth_match_and_counts(void **state)
{
	(void)state;
	fault_add(faults, &(struct fault){.kind = FAULT_STATUS, .path = "/configmaps", .nth = 2, .count = 1,
	                                  .status = 429, .retry_after_s = 3});
	ask("GET", "/api/v1/configmaps", "");
	assert_int_equal(code(), 200);
	ask("GET", "/api/v1/configmaps?limit=1", "");
	assert_int_equal(code(), 429);
	assert_non_null(strstr(client.text, "Retry-After: 3"));
	ask("GET", "/api/v1/configmaps", "");
	assert_int_equal(code(), 200);
	assert_int_equal(json_integer_value(json_object_get(fault_counts(faults), "GET /api/v1/configmaps")), 3);
	assert_int_equal(fault_total(faults), 3);
}

static void
test_fault__spoils_bodies(void **state)
{
	(void)state;
	static const enum fault_kind kinds[] = {FAULT_CUT_BODY, FAULT_LYING_LENGTH, FAULT_CUT_BEFORE,
	                                        FAULT_REFUSE, FAULT_CUT_AFTER, FAULT_GARBAGE_HTML};
	static const bool is_whole[] = {false, true, false, false, true, false};
	for (size_t i = 0; i < array_length(kinds); i++) {
		fault_clear(faults);
		fault_add(faults, &(struct fault){.kind = kinds[i]});
		json_t *answer = ask("GET", "/version", "");
		if ((answer != NULL) != is_whole[i] || !client.is_at_end)
			fail_msg("%s: %s", fault_name(kinds[i]), client.text);
	}
}

static void
test_protobuf__reads_what_kubectl_creates(void **state)
{
	(void)state;
	/* ConfigMap v1 {metadata: {name: "cm"}, data: {"a": "b"}} in its envelope */
	static const char body[] = "k8s\0" "\x0a\x0f" "\x0a\x02v1" "\x12\x09" "ConfigMap"
		"\x12\x0e" "\x0a\x04" "\x0a\x02" "cm" "\x12\x06" "\x0a\x01" "a" "\x12\x01" "b";
	scoped(tree_release) json_t *object = protobuf_decode(body, sizeof body - 1);
	assert_string_equal(tree_text(object, "kind"), "ConfigMap");
	assert_string_equal(tree_text(object, "metadata.name"), "cm");
	assert_string_equal(tree_text(object, "data.a"), "b");
	for (size_t length = 0; length < sizeof body - 1; length++) {
		json_t *part = protobuf_decode(body, length); /* any answer, no crash */
		json_decref(part);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(api__a_wrong_token_is_a_401),
		TEST(api__a_denied_verb_is_a_403),
		TEST(api__routes_answer_as_documented),
		TEST(list__pages_stay_consistent_while_objects_come_and_go),
		TEST(list__an_expired_token_offers_to_go_on),
		TEST(list__rows_of_the_version_table),
		TEST(list__shapes_by_the_accept_header),
		TEST(watch__tells_who_enters_and_leaves_the_selection),
		TEST(watch__replays_what_was_missed),
		TEST(watch__too_old_a_version_is_an_error_in_the_stream),
		TEST(watch__initial_events_end_with_a_bookmark),
		TEST(watch__ends_after_its_timeout),
		TEST(watch__is_forgotten_when_the_client_leaves),
		TEST(write__spec_and_status_are_written_apart),
		TEST(write__a_dry_run_stores_nothing),
		TEST(write__finalizers_hold_a_deleted_object),
		TEST(write__a_pod_on_a_node_gets_its_grace),
		TEST(write__nonsense_does_no_harm),
		TEST(write__unknown_fields_of_an_application_are_pruned_aloud),
		TEST(log__parts_and_times),
		TEST(log__a_container_not_started_is_a_400),
		TEST(log__follows_until_the_container_ends),
		TEST(fault__acts_on_the_nth_match_and_counts),
		TEST(fault__spoils_bodies),
		TEST(protobuf__reads_what_kubectl_creates),
	};
	return cmocka_run_group_tests_name("sandbox/api", tests, NULL, NULL);
}
