#include "api/kubernetes/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/kubernetes/access.h"
#include "api/kubernetes/table.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "base/file.h"
#include "base/loop.h"
#include "net/http.h"
#include "web/certificate.h"
#include "web/server.h"

/* What the server does with the next request. */
enum act { RESPOND, HOLD, END, CUT };
struct reply {
	unsigned status;
	const char *body;
	const char *header, *value;
	enum act act; /* RESPOND: whole; the others: a stream that stays, ends or is cut */
};

enum { LOG_MAX = 64 };

static struct loop *loop;
static struct http *http;
static struct web_server *server;
static struct certificate certificate;
static struct arena arena;
static struct kubernetes_access access_;
static struct kubernetes *kubernetes;
static struct error err;
static const struct reply *replies;
static size_t n_replies, n_requests;
static char requests[LOG_MAX][600]; /* "GET /path?query" */
static bool wants_table[LOG_MAX];   /* by its Accept */
static char credentials[LOG_MAX][200];
static struct web_request *held;
static char folder[64];

static void
closed(struct web_request *request, bool is_complete)
{
	(void)is_complete;
	if (held == request)
		held = NULL;
}

static void
handle(void *data, struct web_request *request)
{
	(void)data;
	size_t n = n_requests++;
	if (n >= n_replies || n >= LOG_MAX) {
		web_respond(request, 418, "unexpected", 10);
		return;
	}
	const char *authorization = web_header(request, "Authorization");
	snprintf(requests[n], sizeof requests[n], "%s %s", request->method, request->target);
	snprintf(credentials[n], sizeof credentials[n], "%s", authorization != NULL ? authorization : "-");
	const char *accept = web_header(request, "Accept");
	wants_table[n] = accept != NULL && strstr(accept, "as=Table") != NULL;
	const struct reply *reply = &replies[n];
	const char *body = reply->body != NULL ? reply->body : "";
	if (reply->header != NULL)
		web_add_header(request, reply->header, reply->value);
	if (reply->act == RESPOND) {
		web_respond(request, reply->status, body, strlen(body));
		return;
	}
	request->closed = closed;
	web_stream_open(request, reply->status, UINT64_MAX);
	web_stream_push(request, body, strlen(body));
	if (reply->act == END)
		web_stream_end(request);
	else if (reply->act == CUT)
		web_cut(request, true);
	else
		held = request;
}

static int
set_up(void **state)
{
	(void)state;
	n_requests = 0;
	held = NULL;
	memset(&err, 0, sizeof err);
	memset(&access_, 0, sizeof access_);
	strcpy(folder, "/tmp/api-client-XXXXXX");
	if (certificate.ca_pem == NULL) {
		static struct arena for_good;
		if (!certificate_make("test", &for_good, &certificate, &err))
			return -1;
	}
	struct web_server_options options = {.handle = handle, .certificate_pem = certificate.server_pem,
	                                     .key_pem = certificate.key_pem};
	if (mkdtemp(folder) == NULL || !loop_open(&loop, &err) || !http_open(loop, &http, &err))
		return -1;
	options.loop = loop;
	if (!web_server_open(&options, &server, &err))
		return -1;
	access_ = (struct kubernetes_access){
		.server = arena_printf(&arena, "https://127.0.0.1:%u/prefix", web_server_port(server)),
		.namespace = "ns", .origin = "a test", .credential = "a token", .ca_pem = certificate.ca_pem,
		.token = secret_new("token-1", 7),
	};
	return 0;
}

static int
tear_down(void **state)
{
	char command[96];
	(void)state;
	http_close(http);
	web_server_close(server);
	loop_close(loop);
	kubernetes_access_release(&access_);
	arena_release(&arena);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

struct run {
	void (*body)(void);
};

static void
run_body(void *data)
{
	const struct run *run = data;
	assert_true(kubernetes_open(http, "test", &access_, &arena, &kubernetes, &err));
	run->body();
	kubernetes_close(kubernetes);
}

static void
play(const struct reply *script, size_t count, void (*body)(void))
{
	struct run run = {body};
	replies = script;
	n_replies = count;
	fiber_run(loop, run_body, &run);
}
#define PLAY(body, ...)                                                       \
	do {                                                                  \
		static const struct reply script_[] = {__VA_ARGS__};          \
		play(script_, array_length(script_), body);                   \
	} while (0)

#define STATUS(code, reason) \
	"{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"" reason "\",\"reason\":\"" reason "\",\"code\":" #code "}"
#define ITEM(name, uid, version) \
	"{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"ns\",\"uid\":\"" uid "\",\"resourceVersion\":\"" version "\"}}"
#define LIST(version, next, items) \
	"{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"" version "\",\"continue\":\"" next "\"},\"items\":[" items "]}"

static const struct kubernetes_query pods = {.resource = &kubernetes_pods, .namespace = "ns", .page_size = 2};

/* ---- lists ---- */

static void
list_two_pages(void)
{
	json_t *list;
	assert_true(kubernetes_list(kubernetes, &pods, &list, &err));
	json_t *items = json_object_get(list, "items");
	assert_int_equal(json_array_size(items), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(items, 1), "kind")), "Pod");
	assert_string_equal(json_string_value(json_object_get(json_array_get(items, 1), "apiVersion")), "v1");
	json_t *metadata = json_object_get(list, "metadata");
	assert_string_equal(json_string_value(json_object_get(metadata, "resourceVersion")), "7");
	assert_null(json_object_get(metadata, "continue"));
	json_decref(list);
}

static void
test_client__pages_make_one_list(void **state)
{
	(void)state;
	PLAY(list_two_pages, {200, LIST("7", "a b", ITEM("p1", "u1", "1")), NULL, NULL, RESPOND},
	     {200, LIST("8", "", ITEM("p2", "u2", "2")), NULL, NULL, RESPOND});
	assert_string_equal(requests[0], "GET /prefix/api/v1/namespaces/ns/pods?limit=2");
	assert_string_equal(requests[1], "GET /prefix/api/v1/namespaces/ns/pods?limit=2&continue=a%20b");
	assert_string_equal(credentials[0], "Bearer token-1");
}

static void
test_client__an_expired_page_begins_again_and_then_asks_for_all(void **state)
{
	(void)state;
	PLAY(list_two_pages, {200, LIST("5", "x", ITEM("p1", "u1", "1")), NULL, NULL, RESPOND},
	     {410, STATUS(410, "Expired"), NULL, NULL, RESPOND},
	     {200, LIST("6", "y", ITEM("p1", "u1", "1")), NULL, NULL, RESPOND},
	     {410, STATUS(410, "Expired"), NULL, NULL, RESPOND},
	     {200, LIST("7", "", ITEM("p1", "u1", "1") "," ITEM("p2", "u2", "2")), NULL, NULL, RESPOND});
	assert_int_equal(n_requests, 5);
	assert_string_equal(requests[4], "GET /prefix/api/v1/namespaces/ns/pods");
}

static void
list_nothing(void)
{
	json_t *list;
	struct kubernetes_query query = {.resource = &kubernetes_deployments, .label_selector = "app=a,x in (b)",
	                                 .field_selector = "metadata.name=a"};
	assert_true(kubernetes_list(kubernetes, &query, &list, &err));
	assert_int_equal(json_array_size(json_object_get(list, "items")), 0);
	json_decref(list);
}

static void
test_client__null_items_are_an_empty_list(void **state)
{
	(void)state;
	PLAY(list_nothing, {200, "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":null}", NULL, NULL, RESPOND});
	assert_string_equal(requests[0], "GET /prefix/apis/apps/v1/deployments?labelSelector=app%3Da%2Cx%20in%20%28b%29"
	                                 "&fieldSelector=metadata.name%3Da&limit=500");
}

static void
list_fails(void)
{
	json_t *list;
	assert_false(kubernetes_list(kubernetes, &pods, &list, &err));
}

/* ---- tables ---- */

#define TABLE(next, rows) \
	"{\"kind\":\"Table\",\"metadata\":{\"continue\":\"" next "\"},\"columnDefinitions\":[{\"name\":\"Name\"}," \
	"{\"name\":\"Other\"},{\"name\":\"Ready\"}],\"rows\":[" rows "]}"

static char cells_told[400];

static void
forget_rows(void *data)
{
	(void)data;
	strcpy(cells_told, "");
}

static bool
tell_cells(void *data, const char *const *cells, struct error *trouble)
{
	(void)data;
	if (strcmp(cells[0], "enough") == 0)
		return error_set(trouble, ERROR_CONFLICT, "enough");
	snprintf(cells_told + strlen(cells_told), sizeof cells_told - strlen(cells_told), "%s,%s,%s;", cells[0], cells[1], cells[2]);
	return true;
}

static bool is_read;

static void
read_pods(void)
{
	static const char *const columns[] = {"Name", "Ready", "Missing"};
	struct kubernetes_table table = {.query = {.resource = &kubernetes_pods, .namespace = "ns"}, .columns = columns,
	                                 .n_columns = array_length(columns), .begun = forget_rows, .row = tell_cells};
	is_read = kubernetes_read_table(kubernetes, &table, &err);
}

static void
test_client__a_table_is_read_by_its_titles(void **state)
{
	(void)state;
	PLAY(read_pods, {200, TABLE("a b", "{\"cells\":[\"p1\",\"x\",\"1/2\"]},{\"cells\":[\"p2\",[],7]}"), NULL, NULL, RESPOND},
	     {200, TABLE("", "{\"cells\":[\"p3\"]}"), NULL, NULL, RESPOND});
	assert_true(is_read);
	assert_string_equal(cells_told, "p1,1/2,;p2,7,;p3,,;");
	assert_string_equal(requests[0], "GET /prefix/api/v1/namespaces/ns/pods?includeObject=None&limit=500");
	assert_string_equal(requests[1], "GET /prefix/api/v1/namespaces/ns/pods?includeObject=None&limit=500&continue=a%20b");
}

static const char *label_told;

static bool
tell_label(void *data, const char *const *cells, struct error *trouble)
{
	(void)data;
	(void)trouble;
	label_told = arena_printf(&arena, "%s=%s;%s", cells[0], cells[1], label_told);
	return true;
}

static void
read_labels(void)
{
	static const char *const columns[] = {"Name"};
	struct kubernetes_table table = {.query = {.resource = &kubernetes_pods, .namespace = "ns"}, .columns = columns,
	                                 .n_columns = 1, .label = "a\\.b/c", .begun = forget_rows, .row = tell_label};
	label_told = "";
	is_read = kubernetes_read_table(kubernetes, &table, &err);
}

static void
test_client__a_table_comes_with_one_label(void **state)
{
	(void)state;
	PLAY(read_labels, {200, TABLE("", "{\"cells\":[\"p1\"],\"object\":{\"metadata\":{\"labels\":{\"x\":\"y\",\"a.b/c\":\"d\"}}}},{\"cells\":[\"p2\"]}"), NULL, NULL, RESPOND});
	assert_true(is_read);
	assert_string_equal(label_told, "p2=;p1=d;");
	assert_string_equal(requests[0], "GET /prefix/api/v1/namespaces/ns/pods?includeObject=Metadata&limit=500");
}

static void
test_client__an_expired_table_begins_again_and_then_asks_for_all(void **state)
{
	(void)state;
	PLAY(read_pods, {200, TABLE("x", "{\"cells\":[\"p1\"]}"), NULL, NULL, RESPOND},
	     {410, STATUS(410, "Expired"), NULL, NULL, RESPOND}, {200, TABLE("y", "{\"cells\":[\"p1\"]}"), NULL, NULL, RESPOND},
	     {410, STATUS(410, "Expired"), NULL, NULL, RESPOND},
	     {200, TABLE("", "{\"cells\":[\"p1\"]},{\"cells\":[\"p2\"]}"), NULL, NULL, RESPOND});
	assert_true(is_read);
	assert_string_equal(cells_told, "p1,,;p2,,;");
	assert_string_equal(requests[2], "GET /prefix/api/v1/namespaces/ns/pods?includeObject=None&limit=500");
	assert_string_equal(requests[4], "GET /prefix/api/v1/namespaces/ns/pods?includeObject=None");
}

static void
test_client__a_table_that_breaks_off_begins_again(void **state)
{
	(void)state;
	PLAY(read_pods, {200, "{\"kind\":\"Table\",\"columnDefinitions\":[{\"name\":\"Name\"}],\"rows\":[{\"cells\":[\"p1\"]},", NULL, NULL, CUT},
	     {200, TABLE("", "{\"cells\":[\"p2\"]}"), NULL, NULL, RESPOND});
	assert_true(is_read);
	assert_string_equal(cells_told, "p2,,;");
}

static void
test_client__what_is_no_table_is_nonsense(void **state)
{
	static const char *const answers[] = {"{\"kind\":\"Pod\"}", "<html>", "[]", "{\"kind\":\"Table\",\"rows\":[{}]}",
	                                      "{\"kind\":\"Table\"", "{\"kind\":\"Table\",\"rows\":[{\"cells\":[\"\xff\"]}]}"};
	(void)state;
	for (size_t i = 0; i < array_length(answers); i++) {
		struct reply script[3] = {{200, answers[i], NULL, NULL, RESPOND}, {200, answers[i], NULL, NULL, RESPOND},
		                          {200, answers[i], NULL, NULL, RESPOND}};
		n_requests = 0;
		play(script, array_length(script), read_pods);
		assert_false(is_read);
		assert_int_equal(err.code, ERROR_BAD_ANSWER);
		assert_int_equal(n_requests, 3);
	}
}

static void
test_client__who_reads_a_table_may_stop(void **state)
{
	(void)state;
	PLAY(read_pods, {200, TABLE("x", "{\"cells\":[\"p1\"]},{\"cells\":[\"enough\"]}"), NULL, NULL, RESPOND});
	assert_false(is_read);
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_int_equal(n_requests, 1);
}

static void
test_client__a_failed_page_is_no_shorter_list(void **state)
{
	(void)state;
	PLAY(list_fails, {200, LIST("7", "x", ITEM("p1", "u1", "1")), NULL, NULL, RESPOND},
	     {403, STATUS(403, "no more"), NULL, NULL, RESPOND});
	assert_int_equal(err.code, ERROR_FORBIDDEN);
	assert_non_null(strstr(err.why, "no more"));
	assert_non_null(strstr(err.next, "a token"));
	assert_string_equal(err.source.system, "kubernetes test");
}

/* ---- credentials ---- */

static void
get_version(void)
{
	struct http_response answer;
	memset(&err, 0, sizeof err);
	(void)!kubernetes_request(kubernetes, "GET", "/version", NULL, NULL, 0, false, &arena, &answer, &err);
}

static void
use_plugin(const char *script)
{
	static const char *const nothing[] = {NULL};
	static struct kubernetes_exec exec;
	const char *path = arena_printf(&arena, "%s/plugin", folder);
	const char *text = arena_printf(&arena, "#!/bin/sh\ncd %s; echo x >>runs; n=$(wc -l <runs)\n%s\n", folder, script);
	assert_true(file_write(path, text, strlen(text), 0700, &err));
	const char **argv = arena_array(&arena, const char *, 2);
	argv[0] = path;
	exec = (struct kubernetes_exec){.argv = argv, .environment = nothing,
	                                .api_version = "client.authentication.k8s.io/v1"};
	secret_release(&access_.token);
	access_.exec = &exec;
}

static void
test_client__a_401_runs_the_plugin_and_sends_once_more(void **state)
{
	(void)state;
	use_plugin("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
	           "\"status\":{\"token\":\"run-'$n'\"}}'");
	PLAY(get_version, {401, STATUS(401, "Unauthorized"), NULL, NULL, RESPOND}, {200, "{}", NULL, NULL, RESPOND});
	assert_int_equal(err.code, ERROR_NONE);
	assert_string_equal(credentials[0], "Bearer run-1");
	assert_string_equal(credentials[1], "Bearer run-2");
}

static void
test_client__a_second_401_is_the_answer(void **state)
{
	(void)state;
	use_plugin("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
	           "\"status\":{\"token\":\"again-'$n'\"}}'");
	PLAY(get_version, {401, STATUS(401, "Unauthorized"), NULL, NULL, RESPOND},
	     {401, STATUS(401, "Unauthorized"), NULL, NULL, RESPOND});
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_int_equal(n_requests, 2);
}

static void
test_client__a_401_with_a_plain_token_is_not_sent_again(void **state)
{
	(void)state;
	PLAY(get_version, {401, STATUS(401, "Unauthorized"), NULL, NULL, RESPOND});
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_int_equal(n_requests, 1);
}

static void
put_token(const char *text)
{
	assert_true(file_write(access_.token_file, text, strlen(text), 0600, &err));
}

static void
ask_while_the_token_rotates(void)
{
	clock_set_rate(500);
	get_version();
	put_token("token-2\n");
	fiber_sleep(loop, 51 * 1000);
	get_version();
	unlink(access_.token_file);
	fiber_sleep(loop, 51 * 1000);
	get_version(); /* unreadable: the last good one */
	put_token("token-3");
	get_version(); /* refused: read at once, sent again */
	clock_set_rate(1);
}

static void
test_client__a_token_file_is_read_again_each_minute(void **state)
{
	(void)state;
	access_.token_file = arena_printf(&arena, "%s/token", folder);
	put_token("token-1");
	PLAY(ask_while_the_token_rotates, {200, "{}", NULL, NULL, RESPOND}, {200, "{}", NULL, NULL, RESPOND},
	     {200, "{}", NULL, NULL, RESPOND}, {401, STATUS(401, "Unauthorized"), NULL, NULL, RESPOND},
	     {200, "{}", NULL, NULL, RESPOND});
	assert_string_equal(credentials[0], "Bearer token-1");
	assert_string_equal(credentials[1], "Bearer token-2");
	assert_string_equal(credentials[2], "Bearer token-2");
	assert_string_equal(credentials[3], "Bearer token-2");
	assert_string_equal(credentials[4], "Bearer token-3");
}

/* ---- warnings, answers ---- */

static char told[400];

static void
tell_warning(void *data, const char *text)
{
	strcat(told, text);
	strcat(told, data);
}

static void
ask_twice_with_warnings(void)
{
	kubernetes_on_warning(kubernetes, tell_warning, (void *)(uintptr_t)";");
	get_version();
	get_version();
}

static void
test_client__each_warning_is_told_once(void **state)
{
	(void)state;
	PLAY(ask_twice_with_warnings,
	     {200, "{}", "Warning", "299 - \"unknown field \\\"a\\\"\", 299 - \"old\"", RESPOND},
	     {200, "{}", "Warning", "299 - \"old\"", RESPOND});
	assert_string_equal(told, "unknown field \"a\";old;");
}

static void
get_pod(void)
{
	json_t *pod;
	assert_false(kubernetes_get(kubernetes, &kubernetes_pods, "n/s", "a?b", &pod, &err));
}

static void
test_client__an_answer_that_is_no_json_is_nonsense(void **state)
{
	(void)state;
	PLAY(get_pod, {200, "<html>login</html>", NULL, NULL, RESPOND});
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	assert_string_equal(requests[0], "GET /prefix/api/v1/namespaces/n%2Fs/pods/a%3Fb");
}

static void
test_client__a_redirect_is_no_api_server(void **state)
{
	(void)state;
	PLAY(get_pod, {302, "", "Location", "https://sso.example/login", RESPOND});
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	assert_int_equal(n_requests, 1);
}

/* ---- apply, logs, reviews ---- */

static void
apply_one(void)
{
	json_t *object = json_pack("{s:s}", "kind", "Application"), *stored = NULL;
	struct kubernetes_apply_options options = {.field_manager = "paas", .dry_run = true};
	bool ok = kubernetes_apply(kubernetes, &kubernetes_applications, "ns", "web", object, &options, &stored, &err);
	json_decref(object);
	json_decref(stored);
	if (!ok)
		assert_int_equal(err.code, ERROR_CONFLICT);
}

static void
test_client__apply_names_who_holds_a_field(void **state)
{
	(void)state;
	PLAY(apply_one, {409, "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":409,\"reason\":\"Conflict\","
	     "\"details\":{\"causes\":[{\"reason\":\"FieldManagerConflict\",\"field\":\".spec.image\","
	     "\"message\":\"conflict with \\\"kubectl\\\"\"}]}}", NULL, NULL, RESPOND});
	assert_string_equal(requests[0], "PATCH /prefix/apis/fiaas.schibsted.io/v1/namespaces/ns/applications/web"
	                                 "?fieldManager=paas&force=false&fieldValidation=Strict&dryRun=All");
	assert_string_equal(err.why, ".spec.image: conflict with \"kubectl\"");
}

static void
read_log(void)
{
	struct kubernetes_log_query query = {.namespace = "ns", .pod = "p", .container = "c", .previous = true,
	                                     .tail_lines = 10};
	const char *text;
	size_t length;
	assert_true(kubernetes_read_log(kubernetes, &query, &arena, &text, &length, &err));
	assert_int_equal(length, strlen(text));
}

static void
test_client__a_log_may_be_empty(void **state)
{
	(void)state;
	PLAY(read_log, {204, "", NULL, NULL, RESPOND});
	assert_string_equal(requests[0], "GET /prefix/api/v1/namespaces/ns/pods/p/log?timestamps=false&limitBytes=65536"
	                                 "&container=c&tailLines=10&previous=true");
}

static void
ask_permission(void)
{
	bool is_allowed = false;
	assert_true(kubernetes_can_i(kubernetes, "ns", "get", "", "pods/log", &is_allowed, &err));
	assert_true(is_allowed);
	const char *user;
	assert_true(kubernetes_who_am_i(kubernetes, &arena, &user, &err));
	assert_string_equal(user, "ann");
}

static void
test_client__reviews_tell_who_and_whether(void **state)
{
	(void)state;
	PLAY(ask_permission, {201, "{\"kind\":\"SelfSubjectAccessReview\",\"status\":{\"allowed\":true}}", NULL, NULL, RESPOND},
	     {201, "{\"kind\":\"SelfSubjectReview\",\"status\":{\"userInfo\":{\"username\":\"ann\"}}}", NULL, NULL, RESPOND});
}

/* ---- informer ---- */

static char events[1000];
static const char *wanted_events;

/* "+p1 " added, "~" modified, "-" deleted, "S" synced, "L" lost, "B" back. */
static void
note_event(void *data, const struct kubernetes_event *event)
{
	static const char signs[] = {[KUBERNETES_ADDED] = '+', [KUBERNETES_MODIFIED] = '~',
	                             [KUBERNETES_DELETED] = '-', [KUBERNETES_SYNCED] = 'S',
	                             [KUBERNETES_LOST] = 'L', [KUBERNETES_BACK] = 'B'};
	json_t *metadata = json_object_get(event->object, "metadata");
	const char *name = json_string_value(json_object_get(metadata, "name"));
	size_t used = strlen(events);
	snprintf(events + used, sizeof events - used, "%c%s ", signs[event->type], name != NULL ? name : "");
	if (event->type == KUBERNETES_LOST)
		*(struct error *)data = event->trouble;
}

/* Until the script is played and a little longer. */
static void
follow_pods(void)
{
	events[0] = '\0';
	struct kubernetes_informer *informer = kubernetes_informer_start(kubernetes, &pods, note_event, &err);
	for (int i = 0; i < 400 && (n_requests < n_replies || strcmp(events, wanted_events) != 0); i++)
		assert_true(fiber_sleep(loop, 5));
	kubernetes_informer_stop(informer);
	assert_string_equal(events, wanted_events);
}

#define EVENT(type, item) "{\"type\":\"" type "\",\"object\":" item "}\n"

static void
test_client__an_informer_follows_from_the_list_on(void **state)
{
	(void)state;
	wanted_events = "+p1 S +p2 ~p1 -p2 +p2 -p1 ";
	PLAY(follow_pods, {200, LIST("7", "", ITEM("p1", "u1", "1")), NULL, NULL, RESPOND},
	     {200, EVENT("ADDED", ITEM("p2", "u2", "8")) EVENT("MODIFIED", ITEM("p1", "u1", "9"))
	      EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"20\"}}")
	      EVENT("ADDED", ITEM("p2", "another", "21")) EVENT("DELETED", ITEM("p1", "u1", "22")), NULL, NULL, HOLD});
	assert_non_null(strstr(requests[1], "watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds="));
}

static void
test_client__an_informer_goes_on_after_an_end_and_a_cut(void **state)
{
	(void)state;
	clock_set_rate(100);
	wanted_events = "S +p1 L B +p2 ";
	PLAY(follow_pods, {200, LIST("7", "", ""), NULL, NULL, RESPOND},
	     {200, EVENT("ADDED", ITEM("p1", "u1", "8")), NULL, NULL, END},
	     {200, EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"9\"}}"), NULL, NULL, CUT},
	     {200, EVENT("ADDED", ITEM("p2", "u2", "10")), NULL, NULL, HOLD});
	clock_set_rate(1);
	assert_non_null(strstr(requests[2], "resourceVersion=8&"));
}

static void
test_client__an_expired_watch_lists_again_and_tells_the_difference(void **state)
{
	(void)state;
	clock_set_rate(100);
	wanted_events = "+p1 +p2 S ~p1 +p3 -p2 ";
	PLAY(follow_pods, {200, LIST("7", "", ITEM("p1", "u1", "1") "," ITEM("p2", "u2", "2")), NULL, NULL, RESPOND},
	     {200, EVENT("ERROR", STATUS(410, "Expired")), NULL, NULL, END},
	     {200, LIST("9", "", ITEM("p1", "u1", "8") "," ITEM("p3", "u3", "9")), NULL, NULL, RESPOND},
	     {410, STATUS(410, "Gone"), NULL, NULL, RESPOND},
	     {200, LIST("9", "", ITEM("p1", "u1", "8") "," ITEM("p3", "u3", "9")), NULL, NULL, RESPOND},
	     {200, "", NULL, NULL, HOLD});
	clock_set_rate(1);
}

static void
test_client__a_list_that_begins_again_tells_nothing_twice(void **state)
{
	(void)state;
	wanted_events = "+p1 +p2 ~p2 +p3 -p1 S ";
	PLAY(follow_pods, {200, LIST("7", "x", ITEM("p1", "u1", "1") "," ITEM("p2", "u2", "2")), NULL, NULL, RESPOND},
	     {410, STATUS(410, "Expired"), NULL, NULL, RESPOND},
	     {200, LIST("9", "", ITEM("p2", "u2", "8") "," ITEM("p3", "u3", "9")), NULL, NULL, RESPOND},
	     {200, "", NULL, NULL, HOLD});
	assert_non_null(strstr(requests[3], "resourceVersion=9&"));
}

static void
test_client__an_item_that_is_no_object_is_nonsense(void **state)
{
	(void)state;
	PLAY(list_fails, {200, LIST("7", "", "[1]"), NULL, NULL, RESPOND}, {200, LIST("7", "", "[1]"), NULL, NULL, RESPOND},
	     {200, LIST("7", "", "[1]"), NULL, NULL, RESPOND});
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	assert_string_equal(err.why, "an item of the list is no object");
}

static void
test_client__what_time_cannot_cure_ends_an_informer(void **state)
{
	(void)state;
	wanted_events = "L ";
	PLAY(follow_pods, {403, STATUS(403, "no pods for you"), NULL, NULL, RESPOND});
	assert_int_equal(err.code, ERROR_FORBIDDEN);
	assert_false(err.retryable);
}

/* ---- rows kept up to date ---- */

static void
note(const char *text)
{
	error_copy_text(events + strlen(events), sizeof events - strlen(events), text);
}

static void
note_begun(void *data)
{
	(void)data;
	note("( ");
}

static bool
note_row(void *data, const char *const *cells, struct error *ret)
{
	char text[100];
	(void)data;
	(void)ret;
	snprintf(text, sizeof text, "%s=%s ", cells[0], cells[1]);
	note(text);
	return true;
}

static void
note_gone(void *data, const char *const *cells)
{
	(void)data;
	note("-");
	note(cells[0]);
	note(" ");
}

static void
note_synced(void *data)
{
	(void)data;
	note(") ");
}

static void
note_changed(void *data)
{
	(void)data;
	note("! ");
}

static void
note_lost(void *data, const struct error *trouble)
{
	(void)data;
	err = *trouble;
	note("L ");
}

static void
note_back(void *data)
{
	(void)data;
	note("B ");
}

static void
follow_rows(void)
{
	static const char *const columns[] = {"Name", "Status"};
	static const struct kubernetes_table_listener listener = {
		.synced = note_synced, .changed = note_changed, .gone = note_gone, .lost = note_lost, .back = note_back};
	struct kubernetes_table table = {
		.query = pods, .columns = columns, .n_columns = 2, .begun = note_begun, .row = note_row};
	events[0] = '\0';
	struct kubernetes_table_informer *informer = kubernetes_table_informer_start(kubernetes, &table, &listener);
	for (int i = 0; i < 400 && (n_requests < n_replies || strcmp(events, wanted_events) != 0); i++)
		assert_true(fiber_sleep(loop, 5));
	kubernetes_table_informer_stop(informer);
	assert_string_equal(events, wanted_events);
}

#define ROWS(version, columns, rows) \
	"{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"" version "\"},\"columnDefinitions\":[" columns "]," \
	"\"rows\":[" rows "]}"
#define ROW(name, status) "{\"cells\":[\"" name "\",\"1/1\",\"" status "\"]}"
#define THREE_COLUMNS "{\"name\":\"Name\"},{\"name\":\"Ready\"},{\"name\":\"Status\"}"

static void
test_client__rows_are_kept_up_to_date(void **state)
{
	(void)state;
	wanted_events = "( a=Running ) b=Pending ! a=Failed ! -b ! ";
	PLAY(follow_rows, {200, ROWS("7", THREE_COLUMNS, ROW("a", "Running")), NULL, NULL, RESPOND},
	     {200, EVENT("ADDED", ROWS("8", THREE_COLUMNS, ROW("b", "Pending")))
	      EVENT("MODIFIED", ROWS("9", "", ROW("a", "Failed"))) EVENT("BOOKMARK", ROWS("20", "", ROW("", "")))
	      EVENT("DELETED", ROWS("21", "", ROW("b", "Pending"))), NULL, NULL, HOLD});
	assert_non_null(strstr(requests[0], "includeObject=None"));
	assert_non_null(strstr(requests[1], "resourceVersion=7&"));
	assert_non_null(strstr(requests[1], "includeObject=None"));
	assert_true(wants_table[0] && wants_table[1]);
}

static void
test_client__rows_go_on_after_an_end_and_a_410(void **state)
{
	(void)state;
	clock_set_rate(100);
	wanted_events = "( a=Running ) ( b=Running ) ";
	PLAY(follow_rows, {200, ROWS("7", THREE_COLUMNS, ROW("a", "Running")), NULL, NULL, RESPOND},
	     {200, EVENT("BOOKMARK", ROWS("12", "", "")), NULL, NULL, END},
	     {200, EVENT("ERROR", STATUS(410, "Expired")), NULL, NULL, END},
	     {200, ROWS("30", THREE_COLUMNS, ROW("b", "Running")), NULL, NULL, RESPOND}, {200, "", NULL, NULL, HOLD});
	clock_set_rate(1);
	assert_non_null(strstr(requests[2], "resourceVersion=12&"));
	assert_non_null(strstr(requests[4], "resourceVersion=30&"));
}

#define POD(name, version, phase) \
	"{\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" version "\"},\"status\":{\"phase\":\"" phase "\"}}"

static void
test_client__objects_are_rows_of_a_server_without_tables(void **state)
{
	(void)state;
	wanted_events = "( a=Running ) b=Pending ! a=Failed ! -b ! ";
	PLAY(follow_rows, {200, LIST("7", "", POD("a", "1", "Running")), NULL, NULL, RESPOND},
	     {200, EVENT("ADDED", POD("b", "8", "Pending")) EVENT("MODIFIED", POD("a", "9", "Failed"))
	      EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"20\"}}") EVENT("DELETED", POD("b", "21", "Pending")),
	      NULL, NULL, HOLD});
}

static void
test_client__a_watch_that_sends_no_rows_is_lost(void **state)
{
	(void)state;
	clock_set_rate(100);
	wanted_events = "( ) L B a=Running ! ";
	PLAY(follow_rows, {200, ROWS("7", THREE_COLUMNS, ""), NULL, NULL, RESPOND},
	     {200, "{\"type\":\"ADDED\",\"object\":{\"rows\":[{\"cells\":[\"x\"}]]}}\n", NULL, NULL, HOLD},
	     {200, EVENT("ADDED", ROWS("8", THREE_COLUMNS, ROW("a", "Running"))), NULL, NULL, HOLD});
	clock_set_rate(1);
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	assert_non_null(strstr(requests[2], "resourceVersion=7&"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_client__##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(pages_make_one_list),
		TEST(an_expired_page_begins_again_and_then_asks_for_all),
		TEST(a_table_is_read_by_its_titles),
		TEST(a_table_comes_with_one_label),
		TEST(an_expired_table_begins_again_and_then_asks_for_all),
		TEST(a_table_that_breaks_off_begins_again),
		TEST(what_is_no_table_is_nonsense),
		TEST(who_reads_a_table_may_stop),
		TEST(null_items_are_an_empty_list),
		TEST(a_failed_page_is_no_shorter_list),
		TEST(a_401_runs_the_plugin_and_sends_once_more),
		TEST(a_second_401_is_the_answer),
		TEST(a_401_with_a_plain_token_is_not_sent_again),
		TEST(each_warning_is_told_once),
		TEST(an_answer_that_is_no_json_is_nonsense),
		TEST(a_redirect_is_no_api_server),
		TEST(apply_names_who_holds_a_field),
		TEST(a_log_may_be_empty),
		TEST(reviews_tell_who_and_whether),
		TEST(an_informer_follows_from_the_list_on),
		TEST(an_informer_goes_on_after_an_end_and_a_cut),
		TEST(an_expired_watch_lists_again_and_tells_the_difference),
		TEST(a_list_that_begins_again_tells_nothing_twice),
		TEST(an_item_that_is_no_object_is_nonsense),
		TEST(what_time_cannot_cure_ends_an_informer),
		TEST(rows_are_kept_up_to_date),
		TEST(rows_go_on_after_an_end_and_a_410),
		TEST(objects_are_rows_of_a_server_without_tables),
		TEST(a_watch_that_sends_no_rows_is_lost),
		TEST(a_token_file_is_read_again_each_minute),
	};
	return cmocka_run_group_tests_name("api/client", tests, NULL, NULL);
}
