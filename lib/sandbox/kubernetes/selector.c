#include "sandbox/kubernetes/selector.h"

#include <ctype.h>
#include <string.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

enum operation { IS_ONE_OF, IS_NONE_OF, EXISTS, IS_ABSENT };

struct value {
	const char *text;
	const struct value *next;
};

struct requirement {
	enum operation operation;
	const char *key;
	const struct value *values;
	const struct requirement *next;
};

/* ---- parsing ---- */

struct scanner {
	const char *at;
	struct arena *arena;
};

static void
skip_space(struct scanner *scanner)
{
	while (isspace((unsigned char)*scanner->at))
		scanner->at++;
}

static bool
accept(struct scanner *scanner, const char *token)
{
	skip_space(scanner);
	if (strncmp(scanner->at, token, strlen(token)) != 0)
		return false;
	scanner->at += strlen(token);
	return true;
}

static const char *
take_word(struct scanner *scanner)
{
	skip_space(scanner);
	size_t length = strcspn(scanner->at, "=!,() \t\n");
	const char *word = arena_strndup(scanner->arena, scanner->at, length);
	scanner->at += length;
	return word;
}

static const struct value *
add_value(struct scanner *scanner, const struct value *values)
{
	struct value *value = arena_new(scanner->arena, struct value);
	value->text = take_word(scanner);
	value->next = values;
	return value;
}

static bool
parse_set(struct scanner *scanner, struct requirement *requirement)
{
	const char *word = take_word(scanner);
	if (strcmp(word, "in") != 0 && strcmp(word, "notin") != 0)
		return false;
	requirement->operation = word[0] == 'i' ? IS_ONE_OF : IS_NONE_OF;
	if (!accept(scanner, "("))
		return false;
	do
		requirement->values = add_value(scanner, requirement->values);
	while (accept(scanner, ","));
	return accept(scanner, ")");
}

static bool
parse_requirement(struct scanner *scanner, struct requirement *requirement)
{
	bool is_negated = accept(scanner, "!");
	requirement->key = take_word(scanner);
	if (requirement->key[0] == '\0')
		return false;
	skip_space(scanner);
	requirement->operation = is_negated ? IS_ABSENT : EXISTS;
	if (is_negated || *scanner->at == ',' || *scanner->at == '\0')
		return true;
	if (accept(scanner, "!="))
		requirement->operation = IS_NONE_OF;
	else if (accept(scanner, "==") || accept(scanner, "="))
		requirement->operation = IS_ONE_OF;
	else
		return parse_set(scanner, requirement);
	requirement->values = add_value(scanner, NULL);
	return true;
}

static bool
parse_requirements(const char *text, struct arena *arena, const struct requirement **ret)
{
	struct scanner scanner = {.at = text, .arena = arena};
	const struct requirement **end = ret;
	*ret = NULL;
	skip_space(&scanner);
	while (*scanner.at != '\0') {
		struct requirement *requirement = arena_new(arena, struct requirement);
		if (!parse_requirement(&scanner, requirement))
			return false;
		*end = requirement;
		end = &requirement->next;
		skip_space(&scanner);
		if (*scanner.at != '\0' && !accept(&scanner, ","))
			return false;
	}
	return true;
}

/* ---- which fields may be selected by (kubernetes.io: field selectors) ---- */

static const struct {
	const char *kind, *fields; /* separated by spaces */
} selectable[] = {
	{"Pod", " spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName "
	        "spec.hostNetwork status.phase status.podIP status.nominatedNodeName "},
	{"Event", " involvedObject.kind involvedObject.name involvedObject.namespace "
	          "involvedObject.uid involvedObject.apiVersion involvedObject.fieldPath "
	          "involvedObject.resourceVersion reason type source reportingComponent "},
	{"Namespace", " status.phase "},
	{"Node", " spec.unschedulable "},
	{"Secret", " type "},
	{"", " metadata.name metadata.namespace "},
};

static bool
lists_field(const char *fields, const char *field)
{
	size_t length = strlen(field);
	for (const char *at = fields; (at = strstr(at, field)) != NULL; at++)
		if (at > fields && at[-1] == ' ' && at[length] == ' ')
			return true;
	return false;
}

static bool
is_selectable(const char *kind, const char *field)
{
	for (size_t i = 0; i < array_length(selectable); i++)
		if ((selectable[i].kind[0] == '\0' || strcmp(selectable[i].kind, kind) == 0) &&
		    lists_field(selectable[i].fields, field))
			return true;
	return false;
}

bool
selector_parse(const struct resource *resource, const char *labels, const char *fields,
               struct arena *arena, struct selector *ret, json_t **ret_status)
{
	struct selector selector = {0};
	if (labels != NULL && !parse_requirements(labels, arena, &selector.labels)) {
		*ret_status = status_bad_request("unable to parse requirement: %s", labels);
		return false;
	}
	if (fields != NULL && !parse_requirements(fields, arena, &selector.fields)) {
		*ret_status = status_bad_request("invalid field selector: %s", fields);
		return false;
	}
	for (const struct requirement *at = selector.fields; at != NULL; at = at->next) {
		if (at->values == NULL || !is_selectable(resource->kind, at->key)) {
			*ret_status = status_bad_request("field label not supported: %s", at->key);
			return false;
		}
	}
	*ret = selector;
	return true;
}

/* ---- matching ---- */

static bool
has_value(const struct requirement *requirement, const char *text)
{
	for (const struct value *at = requirement->values; at != NULL; at = at->next)
		if (strcmp(at->text, text) == 0)
			return true;
	return false;
}

static bool
is_met(const struct requirement *requirement, const char *text)
{
	switch (requirement->operation) {
	case EXISTS: return text != NULL;
	case IS_ABSENT: return text == NULL;
	case IS_ONE_OF: return text != NULL && has_value(requirement, text);
	case IS_NONE_OF: return text == NULL || !has_value(requirement, text);
	}
	return false;
}

static const char *
field_text(const json_t *object, const char *path)
{
	const json_t *value = tree_get(object, strcmp(path, "source") == 0 ? "source.component" : path);
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	if (value == NULL && (strcmp(path, "spec.hostNetwork") == 0 || strcmp(path, "spec.unschedulable") == 0))
		return "false";
	return json_is_string(value) ? json_string_value(value) : "";
}

bool
selector_matches(const struct selector *selector, const json_t *object)
{
	const json_t *labels = tree_get(object, "metadata.labels");
	for (const struct requirement *at = selector->labels; at != NULL; at = at->next)
		if (!is_met(at, json_string_value(json_object_get(labels, at->key))))
			return false;
	for (const struct requirement *at = selector->fields; at != NULL; at = at->next)
		if (!is_met(at, field_text(object, at->key)))
			return false;
	return true;
}

bool
selector_is_empty(const struct selector *selector)
{
	return selector->labels == NULL && selector->fields == NULL;
}
