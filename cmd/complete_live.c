#include "cmd/complete_live.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/detach.h"
#include "base/file.h"
#include "core/names/cache.h"
#include "core/names/refresh.h"
#include "data/platform.h"

/* A refresh that takes longer than this would not be begun again for as long. */
enum { REFRESH_LIMIT_S = NAMES_FRESH_MS / 1000, LOOK_AGAIN_MS = 5 };

struct list {
	struct names_target target;
	struct names names;
	bool is_known;
	bool is_others;   /* another process refreshes it */
	int lock, answer; /* of a refresh of ours; -1: none */
};

struct live {
	struct list lists[NAMES_TARGETS_MAX];
	size_t count;
	struct list *ours[NAMES_TARGETS_MAX]; /* those that we refresh */
	size_t n_ours;
	struct names_person person;
	int64_t answer_by_ms; /* monotonic */
	struct arena *arena;
};

static int
left_ms(const struct live *live)
{
	int64_t left = live->answer_by_ms - clock_monotonic_ms();
	return left > 0 ? (int)left : 0;
}

static void
look_into_cache(struct live *live, struct list *list)
{
	if (list->target.path != NULL && !list->is_known)
		list->is_known = names_load(list->target.path, list->target.key, live->arena, &list->names);
}

/* ---- the refresh behind ---- */

static void
claim(struct live *live, struct list *list)
{
	list->lock = list->answer = -1;
	look_into_cache(live, list);
	enum names_claim claimed = NAMES_ALONE;
	if (list->target.path != NULL)
		claimed = names_claim(list->target.path, &list->lock);
	if (claimed == NAMES_OTHERS || claimed == NAMES_TRIED) {
		list->is_others = claimed == NAMES_OTHERS;
		look_into_cache(live, list); /* written since, maybe */
		return;
	}
	/* What cannot be kept is asked for only when somebody waits for it. */
	if (claimed == NAMES_ALONE && list->is_known)
		return;
	if (!list->is_known)
		list->answer = memfd_create("paas-names", MFD_CLOEXEC);
	live->ours[live->n_ours++] = list;
}

static _Noreturn void
refresh(const struct live *live, int told)
{
	struct names_refresh work[NAMES_TARGETS_MAX];
	for (size_t i = 0; i < live->n_ours; i++)
		work[i] = (struct names_refresh){&live->ours[i]->target, live->ours[i]->lock, live->ours[i]->answer};
	names_refresh(&live->person, work, live->n_ours, told);
	_exit(0);
}

/* Where the child tells what it has got; -1 when nothing is asked. */
static int
start_refresh(struct live *live)
{
	int kept[2 * NAMES_TARGETS_MAX + 1], ends[2];
	size_t n_kept = 0;
	if (live->n_ours == 0 || pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	for (size_t i = 0; i < live->n_ours; i++) {
		kept[n_kept++] = live->ours[i]->lock;
		kept[n_kept++] = live->ours[i]->answer;
	}
	kept[n_kept++] = ends[1];
	if (detach_fork(kept, n_kept, REFRESH_LIMIT_S) == 0)
		refresh(live, ends[1]);
	close(ends[1]);
	for (size_t i = 0; i < live->n_ours; i++)
		file_close_fd(&live->ours[i]->lock); /* the child holds it now */
	return ends[0];
}

/* ---- waiting for what is not cached ---- */

static void
read_answer(struct live *live, struct list *list)
{
	struct stat status;
	if (fstat(list->answer, &status) != 0)
		return;
	char *bytes = arena_alloc(live->arena, (size_t)status.st_size);
	list->is_known = pread(list->answer, bytes, (size_t)status.st_size, 0) == status.st_size &&
	                 names_parse(bytes, (size_t)status.st_size, list->target.key, live->arena, &list->names);
}

static bool
is_waiting(const struct live *live)
{
	for (size_t i = 0; i < live->n_ours; i++)
		if (!live->ours[i]->is_known)
			return true;
	return false;
}

/* Until each is known, the child has ended, or it is time to answer. */
static void
wait_for_child(struct live *live, int told)
{
	struct pollfd wait = {.fd = told, .events = POLLIN};
	unsigned char number;
	while (is_waiting(live) && poll(&wait, 1, left_ms(live)) > 0) {
		if (read(told, &number, 1) != 1)
			return;
		if (number < live->n_ours)
			read_answer(live, live->ours[number]);
	}
}

/* One that was begun long ago hangs: it is not waited for a second time.  No time, or one of
 * before, is that of a refresh which is just beginning. */
static bool
is_worth_waiting(const struct list *list)
{
	int64_t tried_ms = names_tried_ms(list->target.path);
	return list->is_others && !list->is_known && (tried_ms < COMPLETE_WAIT_MS || tried_ms >= NAMES_FRESH_MS);
}

static void
wait_for_others(struct live *live)
{
	for (size_t i = 0; i < live->count; i++) {
		struct list *list = &live->lists[i];
		while (is_worth_waiting(list) && left_ms(live) > 0) {
			poll(NULL, 0, LOOK_AGAIN_MS);
			look_into_cache(live, list);
		}
	}
}

/* ---- the answer ---- */

/* A pod is named after its application, the hash of its replica set and its own: that of
 * "shop-api" is none of "shop". */
static bool
is_pod_of(const char *pod, const char *application)
{
	size_t length = strlen(application);
	if (strncmp(pod, application, length) != 0 || pod[length] != '-')
		return false;
	const char *dash = strchr(pod + length + 1, '-');
	return dash == NULL || strchr(dash + 1, '-') == NULL;
}

static bool
is_of(const struct names_entry *entry, enum names_kind kind, const char *application)
{
	if (kind == NAMES_PODS)
		return is_pod_of(entry->name, application);
	return kind == NAMES_APPLICATIONS || names_are_of_one(kind) || strcmp(entry->application, application) == 0;
}

static void
add_choices(const struct list *list, const char *application, struct choices *choices)
{
	struct arena *arena = choices->candidates->arena;
	for (size_t i = 0; list->is_known && i < list->names.count; i++) {
		const struct names_entry *entry = &list->names.entries[i];
		const char *where = list->target.environments;
		if (application != NULL && !is_of(entry, list->target.kind, application))
			continue;
		if (entry->application[0] != '\0')
			where = arena_printf(arena, "%s in %s", entry->application, where);
		choices_add(choices, entry->name, where);
	}
}

void
complete_live(const struct platform *platform, const struct token_keys *keys, const struct names_question *question,
              const char *application, struct choices *choices)
{
	struct names_target targets[NAMES_TARGETS_MAX];
	struct live live = {.arena = choices->candidates->arena, .answer_by_ms = choices->candidates->answer_by_ms};
	live.person = (struct names_person){&platform->sso, keys};
	live.count = names_targets(platform, question, live.arena, targets);
	for (size_t i = 0; i < live.count; i++) {
		live.lists[i].target = targets[i];
		claim(&live, &live.lists[i]);
	}
	scoped(file_close_fd) int told = start_refresh(&live);
	if (told >= 0)
		wait_for_child(&live, told);
	wait_for_others(&live);
	for (size_t i = 0; i < live.count; i++)
		add_choices(&live.lists[i], application, choices);
}
