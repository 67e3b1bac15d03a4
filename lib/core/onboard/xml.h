/* XML, as far as manifests need it: which text and which attribute stands at which path.
 *
 * No entities are resolved, no DTD is read, nothing is fetched.  Depth, entries and bytes have limits;
 * what is no XML ends the reading, what was read so far counts.
 */
#ifndef PAAS_CORE_ONBOARD_XML_H
#define PAAS_CORE_ONBOARD_XML_H

#include <stddef.h>

#include "base/arena.h"

struct xml_entry {
	const char *path;  /* "project/parent/version", "Project/ItemGroup/PackageReference@Include" */
	const char *value; /* without blanks around it */
	unsigned line;
};

/* At most 20,000 entries, 32 levels. Never fails. */
struct xml_entry *xml_read(const char *text, struct arena *arena, size_t *ret_count);
/* The first entry at that path, or NULL. */
const struct xml_entry *xml_find(const struct xml_entry *entries, size_t count, const char *path);

#endif
