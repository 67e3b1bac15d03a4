/* What of a difference only follows from another image: the operator writes image and version into
 * labels and variables of many objects, which tells nobody anything once the image is shown. */
#ifndef PAAS_CORE_DIFFERENCE_IMAGE_H
#define PAAS_CORE_DIFFERENCE_IMAGE_H

#include "core/difference/objects.h"

struct image_change {
	const char *before, *after;  /* "registry/shop:1.4", borrowed from the trees; NULL: the image stays */
	const struct change *change; /* which says so: the Application's, else the Deployment's */
};

struct image_change image_change_find(const struct differences *differences);
/* Says the image or its tag again, at a place of the operator's. */
bool image_change_carries(const struct image_change *image, const struct change *change);

#endif
