/* Members of a JSON object that is ours, where it has them. */
#ifndef PAAS_SANDBOX_MEMBER_H
#define PAAS_SANDBOX_MEMBER_H

#include <jansson.h>
#include <stdint.h>

/* "" when it has none. */
static inline const char *
member_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));
	return text != NULL ? text : "";
}

/* 0 when it has none. */
static inline int64_t
member_number(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

#endif
