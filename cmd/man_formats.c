/* The manual pages of the file formats, from the tables that read the files. */
#include <string.h>

#include "cmd/man.h"
#include "cmd/man_tokens.h"
#include "cmd/roff.h"
#include "core/fiaas/options.h"
#include "core/fiaas/spec_keys.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/schema.h"
#include "data/settings.h"

enum { TEXT_MAX_BYTES = 4096, NAME_MAX_BYTES = 120 };

/* ---- fields of a schema ---- */

static const char *
type_words(const struct field *field)
{
	static const char *const words[] = {
		[FIELD_TEXT] = "text",         [FIELD_CHOICE] = "one of",      [FIELD_URL] = "an https URL",
		[FIELD_BOOL] = "true or false", [FIELD_NUMBER] = "a number",   [FIELD_DURATION] = "a duration",
		[FIELD_MILLIONTHS] = "a decimal number", [FIELD_TEXTS] = "a list of texts",
		[FIELD_NODE] = "a map",        [FIELD_MAP] = "a map",          [FIELD_TABLE] = "a map of maps",
		[FIELD_LIST] = "a list of maps",
	};
	return words[field->type];
}

static void
add_meaning(struct buf *buf, const struct field *field)
{
	scoped(buf_release) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	buf_printf(&text, "%s: %s", type_words(field), field->sentence != NULL ? field->sentence : field->name);
	for (const char *const *choice = field->choices; choice != NULL && *choice != NULL; choice++)
		buf_printf(&text, "%s%s", choice == field->choices ? " (" : ", ", *choice);
	buf_printf(&text, "%s%s.", field->choices != NULL ? ")" : "", field->is_required ? "; required" : "");
	roff_add_text(buf, text.bytes);
}

/* "clusters.NAME.server": the path down to each field. */
static void
add_fields(struct buf *buf, const struct field *fields, const char *path)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		char name[NAME_MAX_BYTES], below[NAME_MAX_BYTES + 8];
		snprintf(name, sizeof name, "%s%s", path, field->name);
		buf_add_text(buf, ".It ");
		roff_add_argument(buf, name);
		buf_add_char(buf, '\n');
		add_meaning(buf, field);
		if (field->fields == NULL)
			continue;
		const char *step = field->type == FIELD_TABLE ? ".NAME." : field->type == FIELD_LIST ? "[]." : ".";
		snprintf(below, sizeof below, "%s%s", name, step);
		add_fields(buf, field->fields, below);
	}
}

/* ---- keys of fiaas.yml ---- */

static const struct {
	const char *words, *step; /* step: between the path of a map and its keys */
} spec_types[] = {
	[SPEC_MAP] = {"a map", "."},
	[SPEC_LIST] = {"a list of maps", "[]."},
	[SPEC_NUMBER] = {"a whole number", NULL},
	[SPEC_BOOL] = {"true or false", NULL},
	[SPEC_TEXT] = {"text", NULL},
	[SPEC_PORT] = {"name or number of a port", NULL},
	[SPEC_CPU] = {"a CPU quantity (200m, 1)", NULL},
	[SPEC_MEMORY] = {"a memory quantity (256Mi)", NULL},
	[SPEC_TEXTS] = {"a list of texts", NULL},
	[SPEC_VALUES] = {"a map of texts", NULL},
	[SPEC_LABELS] = {"a map of labels", NULL},
	[SPEC_ANNOTATIONS] = {"a map of annotations", NULL},
	[SPEC_TAGS] = {"a map", NULL},
	[SPEC_TLS] = {"a map, or true", "."},
	[SPEC_SECRETS] = {"a map of maps", ".NAME."},
	[SPEC_ANY] = {"any value", NULL},
};

static void
add_spec_meaning(struct buf *buf, const struct spec_key *key)
{
	scoped(buf_release) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	buf_add_text(&text, spec_types[key->type].words);
	if (key->sentence != NULL)
		buf_printf(&text, ": %s", key->sentence);
	if (key->max > 0)
		buf_printf(&text, " (%ld to %ld)", key->min, key->max);
	if (key->initial != NULL)
		buf_printf(&text, "; default %s", key->initial);
	buf_add_char(&text, '.');
	roff_add_text(buf, text.bytes);
}

static void
add_spec_keys(struct buf *buf, const struct spec_key *keys, const char *path)
{
	for (const struct spec_key *key = keys; key->name != NULL; key++) {
		char name[NAME_MAX_BYTES], below[NAME_MAX_BYTES + 8];
		if (key->is_dropped)
			continue;
		snprintf(name, sizeof name, "%s%s", path, key->name);
		buf_add_text(buf, ".It ");
		roff_add_argument(buf, name);
		buf_add_char(buf, '\n');
		add_spec_meaning(buf, key);
		if (key->keys == NULL)
			continue;
		snprintf(below, sizeof below, "%s%s", name, spec_types[key->type].step);
		add_spec_keys(buf, key->keys, below);
	}
}

/* ---- settings ---- */

static void
add_setting(struct buf *buf, const struct setting_description *setting)
{
	static const char *const types[] = {
		[SETTING_TYPE_TEXT] = "text", [SETTING_TYPE_BOOL] = "true or false", [SETTING_TYPE_CHOICE] = "one of",
		[SETTING_TYPE_DURATION] = "a duration", [SETTING_TYPE_NAME] = "lower case letters, digits and '-'",
	};
	scoped(buf_release) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	buf_add_text(buf, ".It ");
	roff_add_argument(buf, setting->name);
	buf_printf(&text, "\n%s", types[setting->type]);
	if (setting->choices != NULL)
		buf_printf(&text, " %s", setting->choices);
	buf_printf(&text, ": %s. Also ", setting->sentence);
	if (setting->flag != NULL)
		buf_printf(&text, "%s and ", setting->flag);
	buf_printf(&text, "$%s%s%s.", setting->variable, setting->initial != NULL ? "; default " : "",
	           setting->initial != NULL ? setting->initial : "");
	buf_add_char(buf, '\n');
	roff_add_text(buf, text.bytes + 1);
}

static void
add_settings(struct buf *buf, enum setting_level level)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if ((setting_table[i].levels & (1U << level)) != 0)
			add_setting(buf, &setting_table[i]);
}

/* ---- pages ---- */

static void
add_example(struct buf *buf, const char *text)
{
	buf_add_text(buf, ".Sh EXAMPLES\n");
	roff_add_literal(buf, text, strlen(text));
}

/* ---- options of the operator ---- */

static void
add_fiaas_options(struct buf *buf)
{
	static const char *const words[] = {
		[FIAAS_OPTION_TEXT] = "text",           [FIAAS_OPTION_CHOICE] = "one of ",
		[FIAAS_OPTION_FLAG] = "true or false",  [FIAAS_OPTION_NUMBER] = "a number",
		[FIAAS_OPTION_INT_OR_TEXT] = "a number or a percentage",
		[FIAAS_OPTION_LIST] = "a list of texts",
		[FIAAS_OPTION_PAIRS] = "a map, or a list of KEY=VALUE", [FIAAS_OPTION_OTHER] = "",
	};
	buf_add_text(buf, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < n_fiaas_option_table; i++) {
		const struct fiaas_option *option = &fiaas_option_table[i];
		scoped(buf_release) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
		if (option->type == FIAAS_OPTION_OTHER)
			continue;
		buf_printf(&text, "%s%s: %s", words[option->type], option->choices != NULL ? option->choices : "",
		           option->sentence);
		if (option->initial != NULL)
			buf_printf(&text, "; default %s", option->initial);
		buf_add_char(&text, '.');
		buf_add_text(buf, ".It ");
		roff_add_argument(buf, option->name);
		buf_add_char(buf, '\n');
		roff_add_text(buf, text.bytes);
	}
	buf_add_text(buf, ".El\n");
}

static void
write_platform(struct buf *buf)
{
	static const char example[] =
		"version: 1\n"
		"serial: 2026112301\n"
		"company: acme\n"
		"artifacts: {provider: oci, url: \"https://registry.acme.example\",\n"
		"            image: \"{registry}/{team}/{name}:{commit}\"}\n"
		"cd: {provider: fiaas}\n"
		"clusters:\n"
		"  dev: {kubeconfig_context: acme-dev, fiaas: {ingress_suffix: [dev.acme.example]}}\n"
		"  pro: {server: \"https://k8s.acme.example\", ca_file: acme-ca.pem}\n"
		"environments:\n"
		"  - {name: dev, cluster: dev, namespace: \"{team}\", on: push}\n"
		"  - {name: pro, cluster: pro, namespace: \"{team}\", needs: approval}\n"
		"teams:\n"
		"  payments: {github_team: payments, slack: \"#payments\"}\n";
	roff_add_paragraphs(buf, "The platform file is written once by the platform team. It says which tools, clusters, "
	                         "environments, teams and rules a company has; any tool can be swapped by one line of it. "
	                         "It is found by --platform, PAAS_PLATFORM, the setting platform, and at last as "
	                         "/etc/paas/platform.yml.\n\n"
	                         "The file is YAML. Paths in it are relative to the file. Unknown keys are warnings, wrong "
	                         "types errors; `paas config check` shows all of them with file, line and column.\n\n"
	                         "The keys are:");
	buf_add_text(buf, ".Bl -tag -width Ds\n");
	add_fields(buf, platform_fields, "");
	buf_add_text(buf, ".El\n.Pp\nThe options of\n.Ql clusters.NAME.fiaas\nare the operator's own, with\n.Ql _\nfor\n"
	                  ".Ql \\- ;\nrepeatable ones are lists:\n");
	add_fiaas_options(buf);
	add_example(buf, example);
	buf_add_text(buf, ".Sh SEE ALSO\n.Xr paas 1 ,\n.Xr paas-config 1 ,\n.Xr .paas.yml 5 ,\n.Xr fiaas.yml 5\n");
}

static void
write_project(struct buf *buf)
{
	static const char example[] =
		"team: payments\n"
		"environments: [dev, pro]\n"
		"apps:\n"
		"  checkout: {file: checkout/fiaas.yml}\n"
		"  refunds: {file: refunds/fiaas.yml, team: backoffice}\n";
	roff_add_paragraphs(buf, "An optional file in the root of a repository: what its applications are called, whose "
	                         "they are, and which environments they use. It is found by walking up to the root of the "
	                         "repository, never above the home folder, and not read when it belongs to somebody "
	                         "else.\n\n"
	                         "A repository is not trusted with tokens: this file never names hosts or commands, and "
	                         "unknown keys are errors.\n\n"
	                         "The keys are:");
	buf_add_text(buf, ".Bl -tag -width Ds\n");
	add_fields(buf, project_fields, "");
	add_settings(buf, SETTING_REPOSITORY);
	buf_add_text(buf, ".El\n");
	add_example(buf, example);
	buf_add_text(buf, ".Sh SEE ALSO\n.Xr paas 1 ,\n.Xr paas-deploy 1 ,\n.Xr config.yml 5 ,\n.Xr fiaas.yml 5\n");
}

static void
write_config(struct buf *buf)
{
	static const char example[] =
		"platform: /home/ann/acme/platform.yml\n"
		"team: payments\n"
		"aliases:\n"
		"  d: deploy --env dev\n";
	roff_add_paragraphs(buf, "The preferences of an engineer, in $XDG_CONFIG_HOME/paas/config.yml; those of a machine, in "
	                         "/etc/paas/config.yml. Precedence: flag, environment variable, the repository's .paas.yml, "
	                         "the user's file, the system's file, built in. `paas config list --show-origin` prints each "
	                         "value and where it came from.\n\n"
	                         "The keys are:");
	buf_add_text(buf, ".Bl -tag -width Ds\n");
	add_settings(buf, SETTING_USER);
	buf_add_text(buf, ".It \"aliases\"\nA map: words of your own, each with the words it stands for.\n"
	                  "In the user's file only; commands win over aliases.\n.El\n");
	add_example(buf, example);
	buf_add_text(buf, ".Sh SEE ALSO\n.Xr paas 1 ,\n.Xr paas-config 1 ,\n.Xr .paas.yml 5 ,\n.Xr platform.yml 5\n");
}

static void
write_fiaas(struct buf *buf)
{
	static const char example[] =
		"version: 3\n"
		"replicas: {minimum: 2, maximum: 4}\n"
		"resources:\n"
		"  requests: {cpu: 200m, memory: 256Mi}\n"
		"  limits: {memory: 512Mi}\n"
		"ports:\n"
		"  - {protocol: http, name: http, port: 80, target_port: 8080}\n"
		"healthchecks:\n"
		"  readiness: {http: {path: /ready}}\n"
		"ingress:\n"
		"  - host: checkout.acme.example\n";
	roff_add_paragraphs(buf, "Describes an application to FIAAS: how many pods, with which resources, ports, probes and "
	                         "hosts. The operator merges it with its defaults and makes the Kubernetes objects of it; "
	                         "`paas render` prints them, `paas validate` finds what is wrong before anybody deploys.\n\n"
	                         "The file is YAML 1.1, as the operator reads it: yes, no, on and off are booleans, 010 is "
	                         "eight, 1:30 is ninety. The operator ignores unknown keys without a word; `paas validate` "
	                         "names them.\n\n"
	                         "A key that is absent or null takes its default. Maps are merged key by key. A list replaces "
	                         "the default list, and each of its items is filled up from the first default item; an empty "
	                         "list stays empty. Nothing is a template, and nothing depends on the environment: hosts, "
	                         "certificates and the like come from the cluster.\n\n"
	                         "The keys of version 3 are:");
	buf_add_text(buf, ".Bl -tag -width Ds\n");
	add_spec_keys(buf, spec_keys_v3, "");
	buf_add_text(buf, ".El\n.Ss Version 2\nStill read, and converted to version 3:\n.Bl -tag -width Ds\n");
	add_spec_keys(buf, spec_keys_v2, "");
	buf_add_text(buf, ".El\n");
	add_example(buf, example);
	buf_add_text(buf, ".Sh SEE ALSO\n.Xr paas 1 ,\n.Xr paas-render 1 ,\n.Xr paas-validate 1 ,\n"
	                  ".Xr .paas.yml 5 ,\n.Xr platform.yml 5\n");
}

const struct man_format man_formats[] = {
	{"fiaas.yml", "fiaas.yml.5", "what an application needs of FIAAS", write_fiaas},
	{"platform.yml", "platform.yml.5", "the tools, clusters and environments of a company", write_platform},
	{".paas.yml", "paas.yml.5", "names and choices of the applications in a repository", write_project},
	{"config.yml", "config.yml.5", "preferences of an engineer", write_config},
	{"paas-tokens", "paas-tokens.5", "how tokens are kept", man_write_tokens},
	{NULL, NULL, NULL, NULL},
};
