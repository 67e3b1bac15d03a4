/* What the parts of spec_check share (check*.c). */
#ifndef PAAS_CORE_FIAAS_CHECKING_H
#define PAAS_CORE_FIAAS_CHECKING_H

#include <stdbool.h>

#include "core/fiaas/check.h"
#include "core/fiaas/locate.h"
#include "core/fiaas/spec.h"
#include "core/fiaas/spec_keys.h"
#include "data/problem.h"

struct checking {
	const struct spec_check *check;
	const json_t *config;
	struct fiaas_spec spec; /* what FDD reads; holes where it was refused */
	bool is_v2;
	struct problems *problems;
};

/* The node at a path of printf's, or the innermost that exists. */
const struct yaml_node *check_at(const struct checking *checking, const char *format, ...) printf_like(2, 3);
/* Whether the file itself has a non-null value exactly there. */
bool check_is_written(const struct checking *checking, const char *path);

#define check_error(checking, rule, node, fix, ...) \
	problem_add((checking)->problems, PROBLEM_ERROR, (rule), (node), (fix), __VA_ARGS__)
#define check_warn(checking, rule, node, fix, ...) \
	problem_add((checking)->problems, PROBLEM_WARNING, (rule), (node), (fix), __VA_ARGS__)
#define check_note(checking, rule, node, fix, ...) \
	problem_add((checking)->problems, PROBLEM_NOTE, (rule), (node), (fix), __VA_ARGS__)

/* check_keys.c: unknown keys, types, ranges, YAML 1.1. */
void check_keys(struct checking *checking, const struct spec_key *keys);
/* check_values.c: texts of one kind each; NULL when fine, else what is wrong. */
const char *check_label_key(const char *key);
const char *check_label_value(const char *value);
const char *check_quantity(const char *text, double *ret);
bool check_is_dns_label(const char *text, size_t max);
bool check_is_host(const char *text);
/* check_traffic.c: ports, probes, metrics, ingress. */
void check_traffic(struct checking *checking);
/* check_runtime.c: replicas, resources, labels, extensions, version 2. */
void check_runtime(struct checking *checking);

#endif
