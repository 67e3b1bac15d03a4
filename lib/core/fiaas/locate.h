/* From the path of a value, as errors name it, to its place in the file. */
#ifndef PAAS_CORE_FIAAS_LOCATE_H
#define PAAS_CORE_FIAAS_LOCATE_H

#include "data/yaml.h"

/* The node at `path` ("ingress[0].paths[1].port"), or the innermost one on the way that exists
 * (defaults and version 2 forms are in no file).  NULL when `root` is. */
const struct yaml_node *fiaas_locate(const struct yaml_node *root, const char *path);

#endif
