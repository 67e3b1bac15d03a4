/* Any bytes as fiaas.yml: parsed, checked, written and read again.
 * What is written must read the same; every problem must lie inside the file. */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "core/fiaas/check.h"
#include "data/json.h"
#include "data/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { WRITTEN_MAX = 64 << 20 };

static void
check_writing(const struct yaml_node *root, struct arena *arena)
{
	static const struct yaml_limits wide = {WRITTEN_MAX, 1000000, 80};
	scoped(json_release) json_t *value = yaml_to_json(root), *again = NULL;
	scoped(buf_release) struct buf text = BUF_INIT(WRITTEN_MAX);
	struct yaml_node *reread = NULL;
	struct error err;
	if (!yaml_write(value, &text) ||
	    !yaml_parse(text.bytes, text.length, "written", &wide, arena, &reread, &err))
		abort();
	again = yaml_to_json(reread);
	if (!json_equal(value, again))
		abort();
}

static void
check_problems(const struct yaml_node *root, size_t n_lines, struct arena *arena)
{
	struct problems problems = {.arena = arena, .file = "fuzz"};
	struct fiaas_options options;
	fiaas_options_init(&options);
	const struct spec_check check = {.root = root, .name = "shop", .image = "shop:1", .options = &options,
	                                 .knows_cluster = true};
	spec_check(&check, &problems);
	problems_sort(&problems);
	for (size_t i = 0; i < problems.count; i++)
		if (problems.items[i].line > n_lines || !problem_format(&problems.items[i], arena)[0])
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena arena = {0};
	struct yaml_node *root = NULL;
	struct error err;
	if (yaml_parse((const char *)bytes, length, "fuzz", &yaml_limits_default, &arena, &root, &err)) {
		check_writing(root, &arena);
		check_problems(root, length + 1, &arena);
	} else if (err.code != ERROR_INVALID_FILE || !err.why[0]) {
		abort();
	}
	arena_release(&arena);
	return 0;
}
