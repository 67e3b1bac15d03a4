#include "sandbox/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/loop.h"
#include "web/server.h"

enum { ROUTES_MAX = 2000 };

struct rule {
	struct fault fault;  /* texts owned */
	unsigned n_matched;
	struct rule *next;
};

struct faults {
	struct loop *loop;
	struct rule *rules;  /* oldest first */
	json_t *counts;
	uint64_t total;
};

static const char *const names[FAULT_KINDS] = {
	[FAULT_REFUSE] = "refuse", [FAULT_CUT_BEFORE] = "cut-before", [FAULT_CUT_BODY] = "cut-body",
	[FAULT_CUT_AFTER] = "cut-after", [FAULT_LATENCY] = "latency", [FAULT_STATUS] = "status",
	[FAULT_HANG] = "hang", [FAULT_LYING_LENGTH] = "lying-length",
	[FAULT_GARBAGE_JSON] = "garbage-json", [FAULT_GARBAGE_HTML] = "garbage-html",
	[FAULT_EXPIRED_WATCH] = "expired-watch",
};

const char *
fault_name(enum fault_kind kind)
{
	return names[kind];
}

enum fault_kind
fault_kind_of_name(const char *name)
{
	enum fault_kind kind = 0;
	while (kind < FAULT_KINDS && strcmp(names[kind], name) != 0)
		kind++;
	return kind;
}

struct faults *
faults_new(struct loop *loop)
{
	struct faults *faults = calloc(1, sizeof *faults);
	if (faults == NULL)
		abort();
	faults->loop = loop;
	faults->counts = json_object();
	return faults;
}

void
faults_free(struct faults *faults)
{
	if (faults == NULL)
		return;
	fault_clear(faults);
	json_decref(faults->counts);
	free(faults);
}

static char *
copy_text(const char *text)
{
	char *copy = text == NULL ? NULL : strdup(text);
	if (text != NULL && copy == NULL)
		abort();
	return copy;
}

void
fault_add(struct faults *faults, const struct fault *fault)
{
	struct rule *rule = calloc(1, sizeof *rule), **end = &faults->rules;
	if (rule == NULL)
		abort();
	rule->fault = *fault;
	rule->fault.method = copy_text(fault->method);
	rule->fault.path = copy_text(fault->path);
	while (*end != NULL)
		end = &(*end)->next;
	*end = rule;
}

void
fault_clear(struct faults *faults)
{
	while (faults->rules != NULL) {
		struct rule *rule = faults->rules;
		faults->rules = rule->next;
		free((char *)(uintptr_t)rule->fault.method);
		free((char *)(uintptr_t)rule->fault.path);
		free(rule);
	}
}

/* ---- counting ---- */

static void
count(struct faults *faults, const struct web_request *request)
{
	const char *watch = web_query(request, "watch");
	bool is_watch = watch != NULL && strcmp(watch, "false") != 0 && strcmp(watch, "0") != 0;
	bool is_dry_run = web_query(request, "dryRun") != NULL;
	const char *route = arena_printf(request->arena, "%s %s%s", request->method, request->path,
	                                 is_watch ? "?watch" : is_dry_run ? "?dryRun" : "");
	json_t *known = json_object_get(faults->counts, route);
	faults->total++;
	if (known != NULL)
		json_integer_set(known, json_integer_value(known) + 1);
	else if (json_object_size(faults->counts) < ROUTES_MAX)
		json_object_set_new(faults->counts, route, json_integer(1));
}

const json_t *
fault_counts(const struct faults *faults)
{
	return faults->counts;
}

uint64_t
fault_total(const struct faults *faults)
{
	return faults->total;
}

/* ---- acting ---- */

static bool
matches(const struct fault *fault, const struct web_request *request)
{
	return (fault->method == NULL || strcmp(fault->method, request->method) == 0) &&
	       (fault->path == NULL || strstr(request->target, fault->path) != NULL);
}

static const struct fault *
next_fault(struct faults *faults, const struct web_request *request)
{
	for (struct rule *rule = faults->rules; rule != NULL; rule = rule->next) {
		if (!matches(&rule->fault, request))
			continue;
		unsigned first = rule->fault.nth == 0 ? 1 : rule->fault.nth;
		unsigned turn = ++rule->n_matched;
		if (turn >= first && (rule->fault.count == 0 || turn - first < rule->fault.count))
			return &rule->fault;
	}
	return NULL;
}

static void
respond_text(struct web_request *request, unsigned status, const char *type, const char *text)
{
	web_add_header(request, "Content-Type", type);
	web_respond(request, status, text, strlen(text));
}

static void
respond_status(struct web_request *request, const struct fault *fault)
{
	char text[300], seconds[16];
	if (fault->retry_after_s >= 0) {
		snprintf(seconds, sizeof seconds, "%d", fault->retry_after_s);
		web_add_header(request, "Retry-After", seconds);
	}
	snprintf(text, sizeof text,
	         "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	         "\"message\":\"the sandbox was told to answer %u\",\"reason\":\"%s\",\"code\":%u}\n",
	         fault->status, fault->status == 429 ? "TooManyRequests" : "InternalError", fault->status);
	respond_text(request, fault->status, "application/json", text);
}

/* A request held back. */
struct delay {
	struct loop *loop;
	struct loop_timer timer;
	struct web_request *request;
	void (*handle)(void *data, struct web_request *request);
	void *data;
};

static void
delay_over(struct loop_timer *timer)
{
	struct delay *delay = timer->data;
	delay->request->closed = NULL;
	delay->handle(delay->data, delay->request);
}

static void
delay_abandoned(struct web_request *request, bool is_complete)
{
	struct delay *delay = request->data;
	(void)is_complete;
	loop_timer_cancel(delay->loop, &delay->timer);
}

static void
hold_back(struct faults *faults, struct web_request *request, int64_t delay_ms,
          void (*handle)(void *data, struct web_request *request), void *data)
{
	struct delay *delay = arena_new(request->arena, struct delay);
	*delay = (struct delay){.loop = faults->loop, .request = request, .handle = handle, .data = data,
	                        .timer = {.fire = delay_over, .data = delay}};
	request->data = delay;
	request->closed = delay_abandoned;
	loop_timer_set(faults->loop, &delay->timer, delay_ms);
}

static const char expired[] =
	"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"
	"\"status\":\"Failure\",\"message\":\"too old resource version: 1 (1000)\","
	"\"reason\":\"Expired\",\"code\":410}}\n";

/* The answer is the fault's own. */
static void
act(const struct fault *fault, struct web_request *request)
{
	switch (fault->kind) {
	case FAULT_REFUSE: web_cut(request, true); break;
	case FAULT_CUT_BEFORE: web_cut(request, false); break;
	case FAULT_STATUS: respond_status(request, fault); break;
	case FAULT_GARBAGE_JSON:
		respond_text(request, 200, "application/json", "{\"kind\":\"List\",\"items\":[{\"metadata\"");
		break;
	case FAULT_GARBAGE_HTML:
		respond_text(request, 200, "text/html", "<html><body><h1>Bad gateway\033[31m</h1></body></html>");
		break;
	case FAULT_EXPIRED_WATCH: respond_text(request, 200, "application/json", expired); break;
	case FAULT_HANG: case FAULT_CUT_BODY: case FAULT_CUT_AFTER: case FAULT_LATENCY:
	case FAULT_LYING_LENGTH: case FAULT_KINDS: break;
	}
}

static enum web_sabotage
sabotage_of(enum fault_kind kind)
{
	return kind == FAULT_CUT_BODY       ? WEB_CUT_BODY
	       : kind == FAULT_CUT_AFTER    ? WEB_CUT_AFTER
	       : kind == FAULT_LYING_LENGTH ? WEB_LIE_ABOUT_LENGTH
	                                    : WEB_INTACT;
}

void
fault_pass(struct faults *faults, struct web_request *request,
           void (*handle)(void *data, struct web_request *request), void *data)
{
	count(faults, request);
	const struct fault *fault = next_fault(faults, request);
	enum web_sabotage sabotage = fault == NULL ? WEB_INTACT : sabotage_of(fault->kind);
	if (fault != NULL && fault->kind == FAULT_LATENCY) {
		hold_back(faults, request, fault->delay_ms, handle, data);
	} else if (fault != NULL && sabotage == WEB_INTACT) {
		act(fault, request);
	} else {
		web_spoil(request, sabotage);
		handle(data, request);
	}
}
