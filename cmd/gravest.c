#include "cmd/gravest.h"

#include "base/compiler.h"

size_t
error_count(const struct error *errors, size_t count)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		n += errors[i].code != ERROR_NONE;
	return n;
}

const struct error *
error_gravest(const struct error *errors, size_t count)
{
	static const int order[] = {130, 143, 4, 7, 8, 1};
	for (size_t rank = 0; rank < array_length(order); rank++)
		for (size_t i = 0; i < count; i++)
			if (errors[i].code != ERROR_NONE && error_kind(errors[i].code)->exit_status == order[rank])
				return &errors[i];
	for (size_t i = 0; i < count; i++)
		if (errors[i].code != ERROR_NONE)
			return &errors[i];
	return NULL;
}
