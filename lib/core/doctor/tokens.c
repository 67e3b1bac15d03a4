/* The token store and the sign-on: what can be known without asking for a passphrase. */
#include <string.h>

#include "auth/credential.h"
#include "auth/issuer.h"
#include "base/clock.h"
#include "core/doctor/examine.h"
#include "data/platform.h"
#include "role/systems.h"
#include "store/desktop_keyring.h"

enum { OTHERS = 0077, SOON_MS = 7 * 24 * 3600 * 1000 };

static const char store_subject[] = "token store";

/* ---- the file ---- */

static void
examine_slot(const struct token_slot_info *slot, struct doctor_report *report)
{
	if (strcmp(slot->type, "keyring") == 0 && !desktop_keyring_is_near())
		doctor_add(report, store_subject, "key", DOCTOR_WARNING, "keyring, and this session has no bus to one",
		           "use its passphrase; or paas token rekey --key-file FILE");
	else
		doctor_add(report, store_subject, "key", DOCTOR_OK, slot->type, NULL);
}

static void
examine_file(struct token_store *store, struct doctor_report *report, bool *ret_is_whole)
{
	struct token_store_info info;
	struct error failure = {0};
	*ret_is_whole = false;
	if (!token_store_inspect(store, report->arena, &info, &failure)) {
		doctor_add_error(report, store_subject, "file", &failure);
		return;
	}
	const char *evidence = arena_printf(report->arena, "%s, generation %llu", token_store_path(store),
	                                    (unsigned long long)info.generation);
	*ret_is_whole = info.is_whole;
	if (!info.is_whole)
		doctor_add(report, store_subject, "file", DOCTOR_FAILED, info.why, "paas token verify; then paas logout --all, and paas login");
	else if ((info.mode & OTHERS) != 0)
		doctor_add(report, store_subject, "file", DOCTOR_FAILED,
		           arena_printf(report->arena, "%s: others may reach it, mode %04o", token_store_path(store), info.mode & 07777),
		           arena_printf(report->arena, "chmod 600 %s", token_store_path(store)));
	else if (info.is_remote)
		doctor_add(report, store_subject, "file", DOCTOR_WARNING,
		           arena_printf(report->arena, "%s, on a network file system: locks may not hold between machines", evidence),
		           "use it from one machine at a time");
	else
		doctor_add(report, store_subject, "file", DOCTOR_OK, evidence, NULL);
	for (size_t i = 0; i < info.n_slots && info.is_whole; i++)
		examine_slot(&info.slots[i], report);
}

/* A thief of the folder would have both. */
static void
examine_key_file(const struct doctor_scope *scope, struct token_store *store, struct doctor_report *report)
{
	const char *slash = strrchr(token_store_path(store), '/');
	size_t length = slash != NULL ? (size_t)(slash - token_store_path(store)) + 1 : 0;
	if (scope->key_file != NULL && length > 0 && strncmp(scope->key_file, token_store_path(store), length) == 0)
		doctor_add(report, store_subject, "key-file", DOCTOR_WARNING,
		           arena_printf(report->arena, "%s lies beside the store: a copy of the folder holds both", scope->key_file),
		           "keep it elsewhere: paas token rekey --key-file FILE");
}

/* ---- what is in it ---- */

static void
examine_entry(const struct token_entry *entry, struct doctor_report *report)
{
	char left[CLOCK_TEXT_BYTES];
	int64_t left_ms = entry->expires_at_ms - clock_wall_ms();
	const char *fix = strcmp(entry->system, "sso") == 0 ? "paas login" : arena_printf(report->arena, "paas login %s", entry->system);
	const char *subject = arena_printf(report->arena, "token of %s", entry->system);
	if (entry->refresh_token != NULL || entry->expires_at_ms == 0)
		doctor_add(report, subject, "expiry", DOCTOR_OK,
		           entry->refresh_token != NULL ? "renewed by itself" : "does not say that it ends", NULL);
	else if (left_ms <= 0)
		doctor_add(report, subject, "expiry", DOCTOR_FAILED, "expired", fix);
	else
		doctor_add(report, subject, "expiry", left_ms < SOON_MS ? DOCTOR_WARNING : DOCTOR_OK,
		           arena_printf(report->arena, "ends in %s", clock_format_duration(left_ms, left)), left_ms < SOON_MS ? fix : NULL);
}

static void
examine_content(struct token_store *store, struct doctor_report *report)
{
	scoped(token_list_release) struct token_list *list = NULL;
	struct error failure = {0};
	if (!token_store_read(store, &list, &failure)) {
		bool is_locked = failure.code == ERROR_NOT_LOGGED_IN;
		doctor_add(report, store_subject, "content", is_locked ? DOCTOR_WARNING : DOCTOR_FAILED, failure.why,
		           failure.next[0] != '\0' ? failure.next : "paas token verify");
		return;
	}
	for (size_t i = 0; i < token_list_count(list); i++)
		examine_entry(token_list_get(list, i), report);
}

/* ---- variables and the server ---- */

static void
examine_shadows(const struct doctor_scope *scope, struct doctor_report *report)
{
	struct system *systems = arena_array(report->arena, struct system, SYSTEMS_MAX);
	size_t n_systems = systems_of_platform(scope->platform, report->arena, systems);
	for (size_t i = 0; i < n_systems; i++)
		if ((credential_is_in_variable(&systems[i].credential) || credential_is_in_file(&systems[i].credential)) &&
		    credential_is_stored(&systems[i].credential))
			doctor_add(report, systems[i].name, "shadowing", DOCTOR_WARNING,
			           "a variable holds its credential, and hides what the token store holds",
			           arena_printf(report->arena, "paas whoami %s says which", systems[i].credential.role));
}

static void
examine_issuer(const struct doctor_scope *scope, struct doctor_report *report)
{
	struct issuer_choice choice;
	struct issuer issuer;
	struct error failure = {0};
	if (!credential_issuer(report->arena, &choice, &failure) ||
	    !issuer_discover(scope->http, &choice, report->arena, &issuer, &failure))
		doctor_add_error(report, "sign-on", "answer", &failure);
	else
		doctor_add(report, "sign-on", "answer", DOCTOR_OK, issuer.issuer, NULL);
}

void
examine_tokens(const struct doctor_scope *scope, struct doctor_report *report)
{
	struct token_store *store;
	struct error failure = {0};
	bool has_sign_on = scope->platform->sso.provider != NULL, is_whole = false;
	if (has_sign_on)
		examine_issuer(scope, report);
	if (!credential_store(&store, &failure)) {
		doctor_add_error(report, store_subject, "folder", &failure);
		return;
	}
	if (!token_store_exists(store)) {
		if (has_sign_on)
			doctor_add(report, store_subject, "file", DOCTOR_WARNING, "nobody has logged in on this machine", "paas login");
		return;
	}
	examine_file(store, report, &is_whole);
	examine_key_file(scope, store, report);
	if (is_whole)
		examine_content(store, report);
	examine_shadows(scope, report);
}
