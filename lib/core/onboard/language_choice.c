/* Which language it is: conflicts by the rules of onboarding 3.6. */
#include <string.h>

#include "core/onboard/inspecting.h"

enum { LANGUAGES_MAX = 12 };

struct candidates {
	struct manifest manifests[LANGUAGES_MAX];
	const struct framework *frameworks[LANGUAGES_MAX];
	size_t count;
};

static void
find_candidates(struct inspecting *in, struct candidates *ret)
{
	for (size_t i = 0; i < n_languages && ret->count < LANGUAGES_MAX; i++) {
		struct manifest *manifest = &ret->manifests[ret->count];
		*manifest = (struct manifest){.language = &languages[i]};
		if (in->answers->language != NULL && strcmp(languages[i].name, in->answers->language) != 0)
			continue;
		if (!languages[i].read(in, manifest))
			continue;
		ret->frameworks[ret->count] = framework_find(in, manifest);
		ret->count++;
	}
}

/* What a Dockerfile or a CI file calls decides between Maven and Gradle, then a wrapper. */
static bool
is_called(struct inspecting *in, const char *command)
{
	static const char *const files[] = {"Dockerfile", "Containerfile", ".travis.yml"};
	const char *path, *text;
	for (size_t i = 0; i < array_length(files); i++)
		if ((text = inspecting_read(in, files[i], &path)) != NULL && strstr(text, command) != NULL)
			return true;
	for (size_t i = 0; i < in->tree->count; i++) {
		struct listing_file *file = &in->tree->files[i];
		if (listing_is_below(file, ".github/workflows") && (text = listing_text(in->tree, file)) != NULL &&
		    strstr(text, command) != NULL)
			return true;
	}
	return false;
}

/* -1: neither, or both. */
static int
choose_build_tool(struct inspecting *in, const struct candidates *candidates, size_t maven, size_t gradle)
{
	bool calls_maven = is_called(in, "mvn"), calls_gradle = is_called(in, "gradle");
	if (calls_maven != calls_gradle)
		return (int)(calls_maven ? maven : gradle);
	bool wraps_maven = candidates->manifests[maven].has_wrapper, wraps_gradle = candidates->manifests[gradle].has_wrapper;
	if (wraps_maven != wraps_gradle)
		return (int)(wraps_maven ? maven : gradle);
	return -1;
}

static int
index_of(const struct candidates *candidates, const char *language)
{
	for (size_t i = 0; i < candidates->count; i++)
		if (strcmp(candidates->manifests[i].language->name, language) == 0)
			return (int)i;
	return -1;
}

/* The only one of those that `counts` says count; -1: none or several. */
static int
only(const struct candidates *candidates, bool (*counts)(const struct candidates *candidates, size_t i))
{
	int chosen = -1;
	for (size_t i = 0; i < candidates->count; i++) {
		if (!counts(candidates, i))
			continue;
		if (chosen >= 0)
			return -1;
		chosen = (int)i;
	}
	return chosen;
}

static bool
serves(const struct candidates *candidates, size_t i)
{
	return candidates->frameworks[i] != NULL && !candidates->frameworks[i]->is_static;
}

static size_t
count_serving(const struct candidates *candidates)
{
	size_t count = 0;
	for (size_t i = 0; i < candidates->count; i++)
		count += serves(candidates, i);
	return count;
}

static bool
is_server_language(const struct candidates *candidates, size_t i)
{
	return !candidates->manifests[i].language->is_asset_builder;
}

/* Beside these, Node builds the assets (3.6); of other pairs of servers nobody knows which it is. */
static bool
outranks_node(const struct candidates *candidates, size_t i)
{
	const char *name = candidates->manifests[i].language->name;
	return strncmp(name, "java", 4) == 0 || strcmp(name, "scala") == 0 || strcmp(name, "php") == 0;
}

static bool
is_not_bare_static(const struct candidates *candidates, size_t i)
{
	return strcmp(candidates->manifests[i].language->name, "static") != 0;
}

/* Conflicts of onboarding 3.6, in order. */
static int
choose_candidate(struct inspecting *in, const struct candidates *candidates)
{
	int maven = index_of(candidates, "java-maven"), gradle = index_of(candidates, "java-gradle"), chosen;
	if (candidates->count == 0)
		return -1;
	if (candidates->count == 1)
		return 0;
	if (maven >= 0 && gradle >= 0 && (chosen = choose_build_tool(in, candidates, (size_t)maven,
	                                                             (size_t)gradle)) >= 0)
		return chosen;
	if ((chosen = only(candidates, serves)) >= 0)
		return chosen;
	if (count_serving(candidates) > 1)
		return only(candidates, outranks_node);
	if ((chosen = only(candidates, is_server_language)) >= 0)
		return chosen;
	return only(candidates, is_not_bare_static);
}

static void
ask_for_language(struct inspecting *in, const struct candidates *candidates)
{
	inspecting_ask(in, QUESTION_LANGUAGE, "What is the application written in?");
	for (size_t i = 0; i < candidates->count; i++)
		inspecting_offer(in, candidates->manifests[i].language->name, candidates->manifests[i].file);
}

/* The manifest is the evidence; how it was chosen among others stands beside it. */
static const char *
told_by(const struct inspecting *in)
{
	return in->answers->language_reason != NULL ? "as answered" : "--language";
}

static void
use_manifest(struct inspecting *in, const struct manifest *manifest, const struct framework *framework)
{
	const struct language *language = manifest->language;
	const struct dependency *sign;
	in->manifest = manifest;
	in->found->language = language;
	in->found->framework = framework;
	bool is_told = in->answers->language != NULL;
	inspecting_set(in, FACT_LANGUAGE, language->name, manifest->file, 0, is_told ? told_by(in) : "",
	               is_told ? FACT_STATED : FACT_DERIVED);
	const struct fact *of_manifest[] = {&manifest->version, &manifest->build, &manifest->test};
	for (size_t i = 0; i < array_length(of_manifest); i++)
		inspecting_set(in, (enum fact_name)(FACT_VERSION + i), of_manifest[i]->value, of_manifest[i]->file,
		               of_manifest[i]->line,
		               of_manifest[i]->reason, of_manifest[i]->confidence);
	if (manifest->test.value != NULL)
		inspecting_set(in, FACT_COVERAGE, language->coverage, NULL, 0, "usual place", FACT_ASSUMED);
	if (framework == NULL)
		return;
	sign = framework_sign(manifest, framework);
	const char *file = sign != NULL ? sign->file : manifest->file;
	unsigned line = sign != NULL ? sign->line : 0;
	if (framework->dependency == NULL && framework->source != NULL) {
		char *first = arena_strndup(in->arena, framework->source, strcspn(framework->source, "|"));
		(void)sources_hold(in, language, first, &file, &line);
	}
	inspecting_set(in, FACT_FRAMEWORK, framework->name, file, line, sign != NULL ? sign->name : "", FACT_DERIVED);
}

void
language_choose(struct inspecting *in)
{
	struct candidates *candidates = arena_new(in->arena, struct candidates);
	find_candidates(in, candidates);
	int chosen = choose_candidate(in, candidates);
	if (chosen >= 0) {
		use_manifest(in, &candidates->manifests[chosen], candidates->frameworks[chosen]);
		return;
	}
	if (candidates->count == 0 && in->answers->language != NULL)
		inspecting_set(in, FACT_LANGUAGE, in->answers->language, NULL, 0, told_by(in), FACT_STATED);
	else if (candidates->count == 0 && in->docker_path != NULL)
		inspecting_set(in, FACT_LANGUAGE, "container", in->docker_path, in->dockerfile.base_line,
		               in->dockerfile.base,
		               FACT_DERIVED);
	else if (candidates->count == 0)
		in->found->is_empty = in->answers->port == NULL;
	else
		ask_for_language(in, candidates);
}
