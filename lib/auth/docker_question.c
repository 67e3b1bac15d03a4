#include "auth/docker_question.h"

#include <string.h>

#include "net/http.h"

bool
docker_question_read(const char *text, size_t length, struct arena *arena, struct docker_question *ret, struct error *err)
{
	const char *origin;
	length -= length > 0 && text[length - 1] == '\n';
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return error_set(err, ERROR_USAGE, "docker's question holds a control character: no answer");
	const char *url = arena_strndup(arena, text, length);
	if (!http_origin_of(strstr(url, "://") != NULL ? url : arena_printf(arena, "https://%s", url), arena, &origin, err))
		return false;
	*ret = (struct docker_question){url, origin};
	return true;
}
