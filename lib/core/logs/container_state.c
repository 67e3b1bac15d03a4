/* What a pod says of one of its containers. */
#include <stdio.h>
#include <string.h>

#include "core/diagnose/object.h"
#include "core/logs/source.h"

static const json_t *
find_status(const json_t *pod, const char *name)
{
	static const char *const lists[] = {"status.containerStatuses", "status.initContainerStatuses",
	                                    "status.ephemeralContainerStatuses"};
	const json_t *status;
	size_t i;
	for (size_t list = 0; list < array_length(lists); list++)
		json_array_foreach(json_at(pod, lists[list]), i, status)
			if (strcmp(object_word(status, "name"), name) == 0)
				return status;
	return NULL;
}

static void
describe_end(const json_t *terminated, char *ret, size_t size)
{
	const char *reason = object_word(terminated, "reason");
	snprintf(ret, size, "%.100s, exit %lld", reason[0] != '\0' ? reason : "ended",
	         (long long)object_int(terminated, "exitCode"));
}

bool
container_state_read(const json_t *pod, const char *name, struct container_state *ret)
{
	const json_t *status = find_status(pod, name);
	if (status == NULL)
		return false;
	const json_t *terminated = json_at(status, "state.terminated"), *last = json_at(status, "lastState.terminated");
	*ret = (struct container_state){.run = object_int(status, "restartCount"),
	                                .is_running = json_at(status, "state.running") != NULL};
	bool is_waiting = !ret->is_running && terminated == NULL;
	ret->last_run = last == NULL ? -1 : is_waiting ? ret->run : ret->run - 1;
	ret->has_started = ret->is_running || terminated != NULL || last != NULL;
	if (terminated != NULL || last != NULL)
		describe_end(terminated != NULL ? terminated : last, ret->why, sizeof ret->why);
	else
		snprintf(ret->why, sizeof ret->why, "%.100s", object_word(status, "state.waiting.reason"));
	return true;
}
