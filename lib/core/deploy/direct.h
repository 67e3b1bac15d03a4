/* Deploying where there is no operator: the rendered objects are applied one by one.
 *
 * Everything is looked at and rehearsed (server-side dry run) before the first write, so that a
 * refusal leaves nothing half done.  What was made this way carries the label DIRECT_LABEL with the
 * application's name; what has it and is rendered no more goes when the new release is healthy.
 * The first write is a note on the Deployment, and only if that is still the one that was looked at, or,
 * before there is a Deployment, a ConfigMap that only one can create: of two at once the second has
 * changed nothing.
 *
 *	direct_look      what is there, and whose
 *	direct_decide    join, refuse or go on
 *	direct_rehearse  what would come out
 *	direct_apply     in the order of direct_kinds
 *	direct_prune     after the release is healthy
 */
#ifndef PAAS_CORE_DEPLOY_DIRECT_H
#define PAAS_CORE_DEPLOY_DIRECT_H

#include "core/deploy/submit.h"

#define DIRECT_MANAGER "paas-direct"   /* of fields; another than that of `paas restart` */
#define DIRECT_LABEL "paas/direct"     /* on every object: the application */
#define DIRECT_RELEASE "paas/release"  /* on the Deployment: digest of all that was rendered */
#define DIRECT_CLAIM "paas/claim"      /* on the Deployment: who began to write last, direct_claim.c */

struct kubernetes_resource;

/* What the renderer makes, in the order in which it is applied: accounts and their rights before
 * what is reached, that before what runs, and what acts upon pods last. */
struct direct_kind {
	const struct kubernetes_resource *resource;
	bool is_optional; /* often not ours to list; then none is ours */
};
extern const struct direct_kind direct_kinds[];
extern const size_t n_direct_kinds;

enum direct_change { DIRECT_CREATED, DIRECT_CHANGED, DIRECT_UNCHANGED, DIRECT_PRUNED };
const char *direct_change_name(enum direct_change change);

struct direct_object {
	const struct kubernetes_resource *resource;
	const char *name;
	json_t *intent; /* owned; NULL: it is rendered no more */
	json_t *live;   /* owned; NULL: not there */
	enum direct_change change; /* set by direct_rehearse */
	/* Set by direct_foresee. */
	json_t *result;         /* owned; what the server would make of it; NULL: not asked */
	const char *refusal;    /* why a deploy would stop here; NULL: it would not */
	const char *unasked;    /* why the server's answer is missing */
};

struct direct {
	struct kubernetes *kubernetes;
	const struct release *release;
	struct arena *arena;
	const char *fingerprint;       /* of what is rendered, whatever its deployment id */
	struct direct_object *objects; /* in the order of direct_kinds, those to be pruned last */
	size_t count;
	struct standing standing;      /* its `application` is the Deployment, or `guard` of somebody else */
	json_t *guard;                 /* owned; without a Deployment the note of who began one; NULL: nobody */
	bool is_claimed;               /* somebody else is writing: `standing` is theirs */
	const char *resumed_id;        /* of this release, of which nothing runs yet; NULL: none */
	bool is_join;                  /* the same release is there or under way */
	const char *deployment_id, *author;
	int64_t started_ms;
};

/* Fails: ERROR_CONFLICT when the operator serves the namespace, …  Texts in `arena`; `release` outlives it. */
bool direct_look(struct kubernetes *kubernetes, const struct release *release, struct arena *arena,
                 struct direct *ret, struct error *err) must_use;
/* As submit_decide. */
bool direct_decide(const struct direct *direct, int64_t now_ms, bool force, enum submit_plan *ret,
                   struct error *err) must_use;
/* Fails: ERROR_CONFLICT for an object of somebody else, which `force` takes over if nobody owns it;
 * ERROR_INVALID_SPEC, ERROR_FORBIDDEN, … as the server says.  Nothing is changed. */
bool direct_rehearse(struct direct *direct, enum submit_plan plan, bool force, struct error *err) must_use;
/* The same for a look only: what would stop a deploy is noted on its object.  Fails as the cluster does. */
bool direct_foresee(struct direct *direct, struct error *err) must_use;
/* What was rehearsed. *ret is set before anything is written, on failure too. */
bool direct_apply(struct direct *direct, bool force, struct submission *ret, struct error *err) must_use;
/* After the rehearsal: how many objects are not as they shall be, those included that are to go. */
size_t direct_count_changes(const struct direct *direct);
/* How many are to go. */
size_t direct_count_pruned(const struct direct *direct);
bool direct_prune(struct direct *direct, struct error *err) must_use;
void direct_release(struct direct *direct); /* for scoped() */

/* Whether a Deployment was made this way; then *ret tells of it, borrowed. */
bool direct_standing_of(const json_t *deployment, const char *name, struct standing *ret);

/* New reference: [{"kind", "name", "change"}]. */
json_t *direct_to_json(const struct direct *direct);

/* direct_owner.c: who has an object that is not this application's. */
bool direct_is_ours(const json_t *object, const char *application);
/* Whether paas itself wrote it, and not a copy of what paas wrote. */
bool direct_is_made_by_us(const json_t *object);
/* "Helm (annotation meta.helm.sh/release-name: shop)"; NULL: nobody's. */
const char *direct_owner(const json_t *object, struct arena *arena);
/* The field manager that wrote its spec, "" = not known. */
const char *direct_writer(const json_t *object);
/* Fails with ERROR_CONFLICT: the operator serves the namespace. */
bool direct_check_namespace(struct kubernetes *kubernetes, const char *namespace, struct error *err) must_use;

/* Of the rehearsals: the intents with their deployment id; whether an object may be written; what was being done. */
bool direct_complete(struct direct *direct, struct error *err) must_use;
bool direct_check_owner(const struct direct *direct, const struct direct_object *object, bool force,
                        struct error *err) must_use;
bool direct_doing(const struct direct *direct, const struct direct_object *object, const char *what, struct error *err);

/* direct_claim.c: takes a note of somebody who is writing, or wrote half of this release, into account. */
void direct_heed_claim(struct direct *direct);
/* Fails with ERROR_CONFLICT when the Deployment is not the one of `standing` any more: *ret_overtaken. */
bool direct_claim(struct direct *direct, bool force, bool *ret_overtaken, struct error *err) must_use;
/* The note of this deploy, and whether an object has it. */
const char *direct_write_claim(const struct direct *direct);
bool direct_has_claim(const struct direct *direct, const struct kubernetes_resource *resource, const char *name,
                      const char *claim);

/* direct_guard.c: who is first where there is no Deployment yet. */
bool direct_guard_look(struct direct *direct, struct error *err) must_use;
/* As direct_claim. */
bool direct_guard_take(struct direct *direct, bool force, bool *ret_overtaken, struct error *err) must_use;
/* When the Deployment is there, or nothing was written after all; what fails here gets old by itself. */
void direct_guard_drop(struct direct *direct);

/* direct_render.c: the objects for `deployment_id`, named, labelled and in order; new reference.
 * `live` finds what the renderer reads from the cluster; NULL: an empty namespace. */
bool direct_render(const struct release *release, const char *deployment_id,
                   const struct direct *live, struct arena *arena, json_t **ret, struct error *err) must_use;
const struct direct_kind *direct_kind_of(const json_t *object);
/* 40 hexadecimal digits. */
const char *direct_fingerprint(const json_t *objects, struct arena *arena);
/* Whether two states of an object differ in more than whose deployment it is. */
bool direct_differs(const json_t *a, const json_t *b);

#endif
