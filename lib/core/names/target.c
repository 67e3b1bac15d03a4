#include "core/names/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/names/cache.h"
#include "data/platform.h"

static const char *const kind_words[] = {
	[NAMES_APPLICATIONS] = "applications", [NAMES_PODS] = "pods", [NAMES_RELEASES] = "releases",
	[NAMES_DEPLOYMENTS] = "deployments", [NAMES_CONTAINERS] = "containers", [NAMES_PORTS] = "ports",
	[NAMES_SECRETS] = "secrets", [NAMES_VARIABLES] = "variables",
};

bool
names_are_of_one(enum names_kind kind)
{
	return kind >= NAMES_CONTAINERS;
}

struct targets {
	const struct platform *platform;
	const struct names_question *question;
	struct arena *arena;
	struct names_target *items;
	size_t count;
};

static const char *
text_or_none(const char *text)
{
	return text != NULL ? text : "";
}

/* Another server behind the same name, or another kubeconfig, is another list. */
static const char *
key_of(const struct targets *targets, const struct names_target *target)
{
	const struct platform_cluster *cluster = target->cluster;
	const char *kubeconfig = cluster->server != NULL ? "" : cluster->kubeconfig;
	if (kubeconfig == NULL)
		kubeconfig = text_or_none(getenv("KUBECONFIG"));
	char *platform = realpath(targets->platform->path, NULL);
	const char *key = arena_printf(
		targets->arena, "%s %s#%lld %s %s %s %s %s", kind_words[target->kind],
		platform != NULL ? platform : targets->platform->path, (long long)targets->platform->serial, cluster->name,
		text_or_none(cluster->server), text_or_none(cluster->kubeconfig_context), kubeconfig, target->namespace);
	free(platform);
	return target->application == NULL ? key : arena_printf(targets->arena, "%s %s", key, target->application);
}

/* Two environments may share a namespace. */
static struct names_target *
find(struct targets *targets, const struct names_target *wanted)
{
	for (size_t i = 0; i < targets->count; i++)
		if (targets->items[i].cluster == wanted->cluster &&
		    strcmp(targets->items[i].namespace, wanted->namespace) == 0)
			return &targets->items[i];
	return NULL;
}

static void
add(struct targets *targets, const struct platform_environment *environment, const char *team)
{
	struct platform_words words = {.team = team, .name = targets->question->name};
	struct names_target target = {.kind = targets->question->kind, .cluster = environment->cluster};
	struct error ignored;
	if (names_are_of_one(target.kind))
		target.application = targets->question->name;
	if (environment->cluster == NULL ||
	    !platform_expand(environment->namespace, &words, targets->arena, &target.namespace, &ignored))
		return;
	struct names_target *there = find(targets, &target);
	if (there != NULL && strcmp(there->environments, environment->name) != 0)
		there->environments = arena_printf(targets->arena, "%s, %s", there->environments, environment->name);
	if (there != NULL || targets->count == NAMES_TARGETS_MAX)
		return;
	target.environments = environment->name;
	target.key = key_of(targets, &target);
	target.path = names_path(target.key, targets->arena);
	targets->items[targets->count++] = target;
}

size_t
names_targets(const struct platform *platform, const struct names_question *question, struct arena *arena,
              struct names_target ret[static NAMES_TARGETS_MAX])
{
	struct targets targets = {.platform = platform, .question = question, .arena = arena, .items = ret};
	if (names_are_of_one(question->kind) && question->name == NULL)
		return 0;
	for (size_t i = 0; i < platform->n_environments; i++) {
		const struct platform_environment *environment = &platform->environments[i];
		if (question->environment != NULL && strcmp(environment->name, question->environment) != 0)
			continue;
		bool is_for_all = question->team == NULL && strstr(environment->namespace, "{team}") != NULL;
		for (size_t k = 0; is_for_all && k < platform->n_teams; k++)
			add(&targets, environment, platform->teams[k].name);
		if (!is_for_all)
			add(&targets, environment, question->team);
	}
	return targets.count;
}
