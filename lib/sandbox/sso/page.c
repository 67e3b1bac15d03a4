/* The pages that a person sees. */
#include <string.h>

#include "base/compiler.h"
#include "sandbox/sso/parts.h"
#include "web/server.h"

enum { PAGE_BYTES_MAX = 64 * 1024 };

void
page_add(struct buf *page, const char *text)
{
	static const char *const entities[] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;",
	                                       ['\''] = "&#39;"};
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < array_length(entities) && entities[c] != NULL)
			buf_add_text(page, entities[c]);
		else
			buf_add_char(page, *text);
	}
}

void
page_send(struct sso_call *call, unsigned status, const char *title, const struct buf *content)
{
	scoped(buf_release) struct buf page = BUF_INIT(PAGE_BYTES_MAX);
	buf_add_text(&page, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
	                    "<meta name=\"viewport\" content=\"width=device-width\"><title>");
	page_add(&page, title);
	buf_add_text(&page, "</title>\n<body><main><h1>");
	page_add(&page, title);
	buf_printf(&page, "</h1>\n%s</main></body></html>\n", content->bytes);
	web_add_header(call->request, "Content-Type", "text/html; charset=utf-8");
	web_add_header(call->request, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	web_add_header(call->request, "Cache-Control", "no-store");
	web_respond(call->request, status, page.bytes, page.length);
}

void
page_say(struct sso_call *call, unsigned status, const char *title, const char *sentence)
{
	scoped(buf_release) struct buf content = BUF_INIT(PAGE_BYTES_MAX / 2);
	buf_add_text(&content, "<p>");
	page_add(&content, sentence);
	buf_add_text(&content, "</p>\n");
	page_send(call, status, title, &content);
}

static void
add_people(struct buf *page)
{
	buf_add_text(page, "<p><label>You are <select name=\"person\">");
	for (size_t i = 0; i < sso_n_people; i++)
		buf_printf(page, "<option>%s</option>", sso_people[i].name);
	buf_add_text(page, "</select></label></p>\n");
}

void
page_ask(struct sso_call *call, const char *user_code, const json_t *request, const char *action)
{
	scoped(buf_release) struct buf page = BUF_INIT(PAGE_BYTES_MAX / 2);
	const struct sso_client *client = sso_client_find(sso_text(request, "client_id"));
	const struct {
		const char *what, *value;
	} rows[] = {{"Code", user_code},
	            {"Application", client != NULL ? client->name : ""},
	            {"Sign-on server", call->sso->origin},
	            {"Asked from", sso_text(request, "way")},
	            {"Wants to know", sso_text(request, "scope")}};
	buf_add_text(&page, "<dl>\n");
	for (size_t i = 0; i < array_length(rows); i++) {
		buf_printf(&page, "<dt>%s</dt><dd>", rows[i].what);
		page_add(&page, rows[i].value);
		buf_add_text(&page, "</dd>\n");
	}
	buf_printf(&page, "</dl>\n<form method=\"post\" action=\"%s%s\">\n", call->sso->issuer, action);
	buf_printf(&page, "<input type=\"hidden\" name=\"user_code\" value=\"%s\">\n", user_code);
	add_people(&page);
	buf_add_text(&page, "<button name=\"decision\" value=\"approve\">Approve</button>\n"
	                    "<button name=\"decision\" value=\"deny\">Deny</button>\n</form>\n");
	page_send(call, 200, "Sign on to the sandbox", &page);
}

bool
page_read_decision(struct sso_call *call, json_t *request)
{
	const char *decision = sso_param(call, "decision"), *person = sso_param(call, "person");
	if (person == NULL)
		person = sso_people[0].name;
	bool is_yes = decision != NULL && strcmp(decision, "approve") == 0;
	if (sso_person_find(person) == NULL || decision == NULL || (!is_yes && strcmp(decision, "deny") != 0)) {
		page_say(call, 400, "Sign on to the sandbox", "That was neither yes nor no.");
		return false;
	}
	sso_set_text(request, "decision", is_yes ? "approved" : "denied");
	sso_set_text(request, "person", person);
	return true;
}
