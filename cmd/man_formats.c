/* The manual pages of the file formats, from the tables that read the files. */
#include <string.h>

#include "cmd/man.h"
#include "cmd/roff.h"
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
	                  ".Ql \\- ;\nrepeatable ones are lists.\n");
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

const struct man_format man_formats[] = {
	{"platform.yml", "platform.yml.5", "the tools, clusters and environments of a company", write_platform},
	{".paas.yml", "paas.yml.5", "names and choices of the applications in a repository", write_project},
	{"config.yml", "config.yml.5", "preferences of an engineer", write_config},
	{NULL, NULL, NULL, NULL},
};
