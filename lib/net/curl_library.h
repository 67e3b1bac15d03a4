/* libcurl, loaded when the first request is near (base/library.h). */
#ifndef PAAS_NET_CURL_LIBRARY_H
#define PAAS_NET_CURL_LIBRARY_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/error.h"

struct curl_library {
	typeof(curl_global_init_mem) *global_init_mem;
	typeof(curl_easy_init) *easy_init;
	typeof(curl_easy_cleanup) *easy_cleanup;
	typeof(curl_easy_setopt) *easy_setopt;
	typeof(curl_easy_getinfo) *easy_getinfo;
	typeof(curl_easy_pause) *easy_pause;
	typeof(curl_easy_strerror) *easy_strerror;
	typeof(curl_slist_append) *slist_append;
	typeof(curl_slist_free_all) *slist_free_all;
	typeof(curl_multi_init) *multi_init;
	typeof(curl_multi_cleanup) *multi_cleanup;
	typeof(curl_multi_setopt) *multi_setopt;
	typeof(curl_multi_add_handle) *multi_add_handle;
	typeof(curl_multi_remove_handle) *multi_remove_handle;
	typeof(curl_multi_socket_action) *multi_socket_action;
	typeof(curl_multi_info_read) *multi_info_read;
	typeof(curl_multi_assign) *multi_assign;
};
extern struct curl_library curl_library;

/* Any number of times; loads and initialises once, with an allocator that wipes what is freed. */
bool curl_library_load(struct error *err) must_use;

#endif
