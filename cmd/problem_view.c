#include "cmd/problem_view.h"

#include "data/problem.h"
#include "ui/output.h"

void
problem_view_end(struct output *out, const struct problem *problem)
{
	if (output_is_terminal(out))
		output_print(out, "%s (paas help %s)%s", output_style(out, STYLE_FAINT), problem_kind(problem->rule)->name,
		             output_style(out, STYLE_PLAIN));
	output_print(out, "\n");
	if (problem->fix)
		output_print(out, "  fix: %s\n", problem->fix);
}
