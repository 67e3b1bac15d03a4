/* Getting the image: its name, the registry, and what may stand in the way. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/world/pod.h"

enum { MESSAGE_MAX = 1024, PULL_MS = 700, RETRY_MS = 10000 };

static int64_t
count_try(struct pod_life *life)
{
	int64_t tries = item_integer(life->record, "tries", 0);
	json_object_set_new(life->record, "tries", json_integer(tries + 1));
	return tries;
}

/* Upper case in the repository, spaces, or no tag after the colon. */
static bool
image_name_is_valid(const char *image)
{
	const char *slash = strrchr(image, '/');
	const char *colon = strchr(slash ? slash : image, ':');
	for (const char *c = image; *c && c != colon; c++) {
		if (isspace((unsigned char)*c) || isupper((unsigned char)*c))
			return false;
	}
	return *image && (!colon || colon[1]) && !strpbrk(colon ? colon : "", " ");
}

/* Waits with `reason`; shows the error, then the back-off, in turn. */
static int64_t
pull_failed(struct pod_life *life, const char *image, const char *reason, const char *message)
{
	const char *name = pod_main_name(life);
	json_t *status = pod_main_status(life);
	bool was_error = !strcmp(item_text(status, "state/waiting/reason"), "ErrImagePull");
	if (was_error) {
		char text[600];
		snprintf(text, sizeof(text), "Back-off pulling image \"%s\"", image);
		pod_set_waiting(status, "ImagePullBackOff", text);
		pod_event(life, name, false, "BackOff", "%s", text);
		pod_event(life, name, true, "Failed", "Error: ImagePullBackOff");
		return kubelet_back_off_ms(count_try(life));
	}
	pod_event(life, name, false, "Pulling", "Pulling image \"%s\"", image);
	pod_event(life, name, true, "Failed", "Failed to pull image \"%s\": %s", image, message);
	pod_event(life, name, true, "Failed", "Error: %s", reason);
	pod_set_waiting(status, reason, message);
	return 2000;
}

static int64_t
name_refused(struct pod_life *life, const char *reason, const char *message)
{
	const char *name = pod_main_name(life);
	pod_event(life, name, true, "InspectFailed", "%s", message);
	pod_event(life, name, true, "Failed", "Error: %s", reason);
	pod_set_waiting(pod_main_status(life), reason, message);
	return RETRY_MS;
}

static int64_t
never_pulled(struct pod_life *life, const struct world_cause *cause)
{
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	cause_write(&message, cause->message, life->pod);
	pod_event(life, pod_main_name(life), true, "ErrImageNeverPull", "%s", message.bytes);
	pod_event(life, pod_main_name(life), true, "Failed", "Error: ErrImageNeverPull");
	pod_set_waiting(pod_main_status(life), "ErrImageNeverPull", message.bytes);
	return RETRY_MS;
}

/* What keeps the image away; false when nothing does, with its digest ("" = not known). */
static bool
pull_is_refused(struct pod_life *life, const char *image, int64_t *ret_delay_ms, const char **ret_digest)
{
	const struct world_cause *name = cause_of_pod(life->world, life->pod, CAUSE_IMAGE_NAME);
	const struct world_cause *never = cause_of_pod(life->world, life->pod, CAUSE_NEVER_PULL);
	const struct world_cause *pull = cause_of_pod(life->world, life->pod, CAUSE_PULL);
	if (!name && !image_name_is_valid(image))
		name = world_cause_named("invalid-image-name");
	const struct world_images *images = &life->world->options.images;
	bool is_ours = false;
	const char *digest = images->find_digest ? images->find_digest(images->data, image, &is_ours) : NULL;
	*ret_digest = digest ? digest : "";
	if (!pull && is_ours && !digest)
		pull = world_cause_named("image-not-found");
	if (never) {
		*ret_delay_ms = never_pulled(life, never);
	} else if (name || pull) {
		scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
		cause_write(&message, (name ? name : pull)->message, life->pod);
		*ret_delay_ms = name ? name_refused(life, name->reason, message.bytes)
		                     : pull_failed(life, image, pull->reason, message.bytes);
	}
	return never || name || pull;
}

static void
note_image(struct pod_life *life, const char *image, const char *digest)
{
	json_t *status = pod_main_status(life);
	const char *slash = strrchr(image, '/');
	const char *tag = strpbrk(slash ? slash : image, ":@");
	int length = tag ? (int)(tag - image) : (int)strlen(image);
	item_set_text(status, "image", image);
	if (*digest)
		item_set(status, "imageID", json_sprintf("%.*s@%s", length, image, digest));
	else
		item_set_text(status, "imageID", image);
}

int64_t
kubelet_pull(struct pod_life *life)
{
	const char *image = item_text(pod_main_container(life->pod), "image");
	const char *digest, *name = pod_main_name(life);
	int64_t delay_ms = 0;
	if (pull_is_refused(life, image, &delay_ms, &digest)) {
		pod_refresh(life);
		return delay_ms;
	}
	char key[600];
	snprintf(key, sizeof(key), "%s %s %s", item_text(life->pod, "spec/nodeName"), image, digest);
	if (json_object_get(life->world->pulled, key)) {
		pod_event(life, name, false, "Pulled", "Container image \"%s\" already present on machine", image);
	} else if (!item_flag(life->record, "is_pulling")) {
		json_object_set_new(life->record, "is_pulling", json_true());
		pod_set_waiting(pod_main_status(life), "ContainerCreating", "");
		pod_event(life, name, false, "Pulling", "Pulling image \"%s\"", image);
		return PULL_MS;
	} else {
		json_object_set_new(life->world->pulled, key, json_true());
		pod_event(life, name, false, "Pulled", "Successfully pulled image \"%s\" in %dms (%dms including "
		          "waiting). Image size: 48213504 bytes.", image, PULL_MS, PULL_MS);
	}
	note_image(life, image, digest);
	json_object_set_new(life->record, "tries", json_integer(0));
	pod_go(life, POD_START);
	return 1;
}
