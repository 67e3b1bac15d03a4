/* Forms and queries, and tokens that claim to be the sign-on server's: bytes of any client. */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "sandbox/sso/keys.h"
#include "web/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sso_keys *keys;
	struct arena arena = {0};
	struct web_form form;
	struct error ignored;
	char *text = arena_strndup(&arena, (const char *)data, size);
	if (web_form_read((const char *)data, size, &arena, &form) && form.count > 0 &&
	    web_form_value(&form, form.fields[0].name) != form.fields[0].value)
		__builtin_trap();
	if (keys != NULL || sso_keys_open(NULL, &keys, &ignored))
		json_decref(sso_keys_verify(keys, text));
	arena_release(&arena);
	return 0;
}
