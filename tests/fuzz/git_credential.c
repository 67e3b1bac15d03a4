/* What git asks a credential helper: a question that is understood has an origin or none, and a text that could begin
 * another line never gets through. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/git_credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(secret_release) struct secret *input = secret_new(bytes, size);
	scoped(git_question_release) struct git_question question = {0};
	struct error err;
	if (!git_question_read(input, &arena, &question, &err))
		return 0;
	if (question.origin != NULL && strncmp(question.origin, "https://", 8) != 0 && strncmp(question.origin, "http://", 7) != 0)
		abort();
	if (question.username != NULL && strpbrk(question.username, "\r\n") != NULL)
		abort();
	return 0;
}
