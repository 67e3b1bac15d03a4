#include "core/fiaas/checking.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 63, PREFIX_MAX = 253 };

static const char lower_digits[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

bool
check_is_dns_label(const char *text, size_t max)
{
	size_t length = strlen(text);
	return length && length <= max && text[0] != '-' && text[length - 1] != '-' &&
	       !text[strspn(text, lower_digits)];
}

/* RFC 1123 subdomain; a first label of "*" is allowed, as Ingress does. */
bool
check_is_host(const char *text)
{
	const char *label = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
	if (strlen(text) > PREFIX_MAX)
		return false;
	for (;;) {
		size_t length = strcspn(label, ".");
		if (!length || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-' ||
		    strspn(label, lower_digits) < length)
			return false;
		if (!label[length])
			return true;
		label += length + 1;
	}
}

/* A qualified name's last part, and a label's value: Kubernetes API machinery, validation.go. */
static bool
is_label_text(const char *text, size_t length)
{
	if (length > LABEL_MAX || (length && (!isalnum((unsigned char)text[0]) || !isalnum((unsigned char)text[length - 1]))))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
			return false;
	return true;
}

const char *
check_label_value(const char *value)
{
	if (strlen(value) > LABEL_MAX)
		return "is longer than the 63 characters of a label";
	return is_label_text(value, strlen(value)) ? NULL
	                                           : "is no label value: letters, digits, -, _ and ., "
	                                             "beginning and ending with a letter or digit";
}

const char *
check_label_key(const char *key)
{
	const char *slash = strchr(key, '/'), *name = slash ? slash + 1 : key;
	size_t prefix = slash ? (size_t)(slash - key) : 0;
	if (!*name || !is_label_text(name, strlen(name)))
		return "is no label or annotation name: at most 63 letters, digits, -, _ and .";
	if (slash && (!prefix || prefix > PREFIX_MAX || key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-.")] != '/'))
		return "has a prefix that is no domain name";
	return NULL;
}

const char *
check_quantity(const char *text, double *ret)
{
	static const struct unit {
		const char *name;
		double factor;
	} units[] = {
		{"", 1},           {"m", 1e-3},         {"k", 1e3},           {"M", 1e6},
		{"G", 1e9},        {"T", 1e12},         {"P", 1e15},          {"E", 1e18},
		{"Ki", 1024.0},    {"Mi", 1048576.0},   {"Gi", 1073741824.0}, {"Ti", 1099511627776.0},
		{"Pi", 1125899906842624.0},
	};
	char *end;
	size_t digits = strspn(text, "0123456789.");
	double value = strtod(text, &end);
	if (!digits || end < text + digits || !isdigit((unsigned char)*text))
		return "is no quantity such as 200m, 2, 512Mi or 1Gi";
	for (size_t i = 0; i < array_length(units); i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		*ret = value * units[i].factor;
		return NULL;
	}
	return "has a unit that is none: use m, k, M, G, Ki, Mi or Gi";
}
