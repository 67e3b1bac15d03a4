/* Removes what the cache of names no longer needs: lists of namespaces, platform files or kubeconfigs that nobody
 * completes from any more. */
#ifndef PAAS_CORE_NAMES_PRUNE_H
#define PAAS_CORE_NAMES_PRUNE_H

enum {
	NAMES_UNUSED_S = 30 * 24 * 60 * 60, /* so long after its last use a list goes */
	NAMES_PRUNE_MAX = 1000,             /* entries of the folder that one call looks at */
};

/* In the folder that holds the list at `path`, where only files of our own that are named as ours are looked at: a
 * list and its lock when the last try to refresh it is that old, and what a killed process left half written.
 * Nothing is followed: neither the folder, when it is a link, nor a link in it. */
void names_prune(const char *path);

#endif
