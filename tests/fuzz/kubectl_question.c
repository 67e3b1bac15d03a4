/* What kubectl asks a credential plugin: a question that is understood has one of two versions, and says nothing of a cluster
 * without its server. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/kubectl_question.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	scoped(arena_release) struct arena arena = {0};
	struct kubectl_question question;
	struct error err;
	const char *text = arena_strndup(&arena, (const char *)bytes, size);
	if (!kubectl_question_read(text, &arena, &question, &err))
		return 0;
	if (strncmp(question.version, "client.authentication.k8s.io/v1", 31) != 0)
		abort();
	if (question.server == NULL && (question.ca_pem != NULL || question.proxy != NULL || question.skips_verification))
		abort();
	return 0;
}
