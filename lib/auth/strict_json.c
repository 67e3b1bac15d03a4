#include "auth/strict_json.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "data/json.h"

bool
strict_json_parse(const char *bytes, size_t length, const char *what, json_t **ret, struct error *err)
{
	json_wipe_freed();
	json_error_t problem;
	json_t *value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &problem);
	if (value == NULL && json_error_code(&problem) == json_error_duplicate_key)
		return error_set(err, ERROR_BAD_ANSWER, "%s has a member twice", what);
	if (!json_is_object(value)) {
		json_decref(value);
		return error_set(err, ERROR_BAD_ANSWER, "%s is no JSON object", what);
	}
	*ret = value;
	return true;
}

double
strict_json_number(const json_t *object, const char *key, double fallback)
{
	const json_t *value = json_object_get(object, key);
	double number = fallback;
	if (json_is_number(value)) {
		number = json_number_value(value);
	} else if (json_is_string(value) && isdigit((unsigned char)json_string_value(value)[0])) {
		char *end;
		double read = strtod(json_string_value(value), &end);
		number = *end == '\0' ? read : fallback;
	}
	return isfinite(number) ? number : fallback;
}
