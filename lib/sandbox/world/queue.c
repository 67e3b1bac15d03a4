#include "sandbox/world/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 340 };

static void
name_key(enum queue_worker worker, const char *namespace, const char *name, char ret[KEY_BYTES])
{
	snprintf(ret, KEY_BYTES, "%d/%s/%s", (int)worker, namespace, name);
}

void
queue_release(struct queue *queue)
{
	for (size_t i = 0; i < queue->count; i++)
		free(queue->heap[i]);
	free(queue->heap);
	json_decref(queue->due);
	*queue = (struct queue){0};
}

static bool
is_before(const struct queue_key *a, const struct queue_key *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->serial < b->serial;
}

static void
swap(struct queue *queue, size_t a, size_t b)
{
	struct queue_key *key = queue->heap[a];
	queue->heap[a] = queue->heap[b];
	queue->heap[b] = key;
}

static void
push(struct queue *queue, struct queue_key *key)
{
	if (queue->count == queue->capacity) {
		queue->capacity = queue->capacity ? 2 * queue->capacity : 64;
		queue->heap = reallocarray(queue->heap, queue->capacity, sizeof(*queue->heap));
		if (!queue->heap)
			abort();
	}
	size_t place = queue->count++;
	queue->heap[place] = key;
	for (; place && is_before(key, queue->heap[(place - 1) / 2]); place = (place - 1) / 2)
		swap(queue, place, (place - 1) / 2);
}

static struct queue_key *
pop(struct queue *queue)
{
	struct queue_key *first = queue->heap[0];
	queue->heap[0] = queue->heap[--queue->count];
	for (size_t place = 0;;) {
		size_t least = place;
		for (size_t child = 2 * place + 1; child <= 2 * place + 2; child++) {
			if (child < queue->count && is_before(queue->heap[child], queue->heap[least]))
				least = child;
		}
		if (least == place)
			return first;
		swap(queue, place, least);
		place = least;
	}
}

void
queue_add(struct queue *queue, enum queue_worker worker, const char *namespace, const char *name,
          int64_t due_ms)
{
	char text[KEY_BYTES];
	name_key(worker, namespace, name, text);
	if (!queue->due)
		queue->due = json_object();
	const json_t *waiting = json_object_get(queue->due, text);
	if (waiting && json_integer_value(waiting) <= due_ms)
		return;
	json_object_set_new(queue->due, text, json_integer(due_ms));
	struct queue_key *key = calloc(1, sizeof(*key));
	if (!key)
		abort();
	key->worker = worker;
	key->due_ms = due_ms;
	key->serial = ++queue->serial;
	snprintf(key->namespace, sizeof(key->namespace), "%s", namespace);
	snprintf(key->name, sizeof(key->name), "%s", name);
	push(queue, key);
}

/* Whether the heap's first is what its key waits for, and not a later visit brought forward. */
static bool
first_is_live(const struct queue *queue)
{
	char text[KEY_BYTES];
	const struct queue_key *first = queue->heap[0];
	name_key(first->worker, first->namespace, first->name, text);
	const json_t *due = json_object_get(queue->due, text);
	return due && json_integer_value(due) == first->due_ms;
}

int64_t
queue_next_due_ms(struct queue *queue)
{
	while (queue->count && !first_is_live(queue))
		free(pop(queue));
	return queue->count ? queue->heap[0]->due_ms : -1;
}

bool
queue_take(struct queue *queue, int64_t now_ms, struct queue_key *ret)
{
	int64_t due_ms = queue_next_due_ms(queue);
	if (due_ms < 0 || due_ms > now_ms)
		return false;
	struct queue_key *key = pop(queue);
	char text[KEY_BYTES];
	name_key(key->worker, key->namespace, key->name, text);
	json_object_del(queue->due, text);
	*ret = *key;
	free(key);
	return true;
}
