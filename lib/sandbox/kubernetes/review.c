/* Questions about the asker: who am I, may I? */
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/tree.h"
#include "web/server.h"

static void
review_access(struct call *call, json_t *review)
{
	const char *verb = tree_text(review, "spec.resourceAttributes.verb");
	const char *plural = tree_text(review, "spec.resourceAttributes.resource");
	const char *subresource = tree_text(review, "spec.resourceAttributes.subresource");
	const char *noun = subresource[0] == '\0'
		? plural
		: arena_printf(call->arena, "%s/%s", plural, subresource);
	bool is_allowed = call_may(call, verb, noun);
	tree_set(review, "status", json_pack("{s:b, s:s}", "allowed", is_allowed, "reason",
	                                     is_allowed ? "the sandbox lets everybody in" : ""));
}

static void
review_rules(struct call *call, json_t *review)
{
	static const char *const all[] = {"get", "list", "watch", "create", "update", "patch", "delete",
	                                  "deletecollection"};
	json_t *rules = json_array();
	for (size_t i = 0; i < n_resources; i++) {
		json_t *verbs = json_array();
		for (size_t at = 0; at < array_length(all); at++)
			if (call_may(call, all[at], resources[i].plural))
				json_array_append_new(verbs, json_string(all[at]));
		json_array_append_new(rules, json_pack("{s:o, s:[s], s:[s]}", "verbs", verbs, "apiGroups",
		                                       resources[i].group, "resources", resources[i].plural));
	}
	tree_set(review, "status", json_pack("{s:o, s:[{s:[s], s:[s]}], s:b}", "resourceRules", rules,
	                                     "nonResourceRules", "verbs", "get", "nonResourceURLs", "*",
	                                     "incomplete", false));
}

static void
review_self(struct call *call, json_t *review)
{
	json_t *groups = json_array();
	for (size_t i = 0; call->user->groups != NULL && call->user->groups[i] != NULL; i++)
		json_array_append_new(groups, json_string(call->user->groups[i]));
	json_array_append_new(groups, json_string("system:authenticated"));
	tree_set(review, "status",
	         json_pack("{s:{s:s, s:o}}", "userInfo", "username", call->user->name, "groups", groups));
}

static const struct {
	const char *path, *api_version, *kind;
	void (*review)(struct call *call, json_t *review);
} reviews[] = {
	{"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "authorization.k8s.io/v1",
	 "SelfSubjectAccessReview", review_access},
	{"/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "authorization.k8s.io/v1",
	 "SelfSubjectRulesReview", review_rules},
	{"/apis/authentication.k8s.io/v1/selfsubjectreviews", "authentication.k8s.io/v1",
	 "SelfSubjectReview", review_self},
};

bool
review_handle(struct call *call)
{
	for (size_t i = 0; i < array_length(reviews); i++) {
		if (strcmp(call->request->path, reviews[i].path) != 0 ||
		    strcmp(call->request->method, "POST") != 0)
			continue;
		scoped(tree_release) json_t *review = call_parse_body(call);
		if (review == NULL)
			return true;
		tree_set(review, "kind", json_string(reviews[i].kind));
		tree_set(review, "apiVersion", json_string(reviews[i].api_version));
		reviews[i].review(call, review);
		call_answer(call, 201, review);
		return true;
	}
	return false;
}
