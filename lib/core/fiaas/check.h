/* Everything that is wrong with a fiaas.yml, before anybody deploys it.
 *
 * Errors are what the operator (FDD) refuses, in its own words, and what the API server will
 * certainly refuse.  Warnings are what hardly works as meant: FDD ignores unknown keys and checks
 * no scalar.  Notes are rules of FDD that surprise people and apply to this file.
 */
#ifndef PAAS_CORE_FIAAS_CHECK_H
#define PAAS_CORE_FIAAS_CHECK_H

#include <stdbool.h>

#include "core/fiaas/options.h"
#include "data/problem.h"
#include "data/yaml.h"

struct spec_check {
	const struct yaml_node *root;  /* NULL: an empty file */
	const char *name, *image;      /* of the Application; NULL: not known, not checked */
	const struct fiaas_options *options;
	bool knows_cluster;            /* `options` are a cluster's, so what they lack is lacking there */
};

/* Adds what is wrong to `problems`, whose `file` is set. */
void spec_check(const struct spec_check *check, struct problems *problems);

#endif
