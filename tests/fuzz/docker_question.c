/* What docker asks a credential helper: a question that is understood has an origin, and no control character gets through. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/docker_question.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	scoped(arena_release) struct arena arena = {0};
	struct docker_question question;
	struct error err;
	const char *text = arena_strndup(&arena, (const char *)bytes, size);
	if (!docker_question_read(text, size, &arena, &question, &err))
		return 0;
	if (strstr(question.origin, "://") == NULL || strpbrk(question.url, "\r\n\t\033\177") != NULL)
		abort();
	if (strlen(question.url) + 1 < size)
		abort();
	return 0;
}
