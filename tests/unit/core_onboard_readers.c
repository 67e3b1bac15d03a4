/* The small readers: ports in code and commands, TOML, XML, Dockerfiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "core/onboard/dockerfile.h"
#include "core/onboard/scan.h"
#include "core/onboard/toml.h"
#include "core/onboard/xml.h"

static struct arena arena;

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
test_scan__ports_in_code(void **state)
{
	static const struct {
		const char *line;
		unsigned port;
		enum scan_port_sign sign;
	} rows[] = {
		{"app.listen(3000, () => {})", 3000, SCAN_PORT_LISTEN},
		{"http.ListenAndServe(\":9000\", nil)", 9000, SCAN_PORT_LISTEN},
		{"r.Run(\"0.0.0.0:8081\")", 8081, SCAN_PORT_LISTEN},
		{"srv := &http.Server{Addr: \":8443\"}", 8443, SCAN_PORT_LISTEN},
		{"HttpServer::new(app).bind((\"127.0.0.1\", 8088))?", 8088, SCAN_PORT_LISTEN},
		{"fastify.listen({ port: 3002, host: '0.0.0.0' })", 3002, SCAN_PORT_LISTEN},
		{"const port = process.env.PORT || 4000;", 4000, SCAN_PORT_ENVIRONMENT},
		{"port = int(os.environ.get(\"PORT\", 8005))", 8005, SCAN_PORT_ENVIRONMENT},
		{"const PORT = 5000", 5000, SCAN_PORT_ENVIRONMENT},
		{"uvicorn.run(app, host=\"0.0.0.0\", port=8001)", 8001, SCAN_PORT_VARIABLE},
		{"let port: u16 = 7000;", 7000, SCAN_PORT_VARIABLE},
		{"if port == 80 {", 0, SCAN_PORT_NONE},
		{"const dbPort = 5432", 0, SCAN_PORT_NONE},
		{"listen(port)", 0, SCAN_PORT_NONE},
		{"port = 70000", 0, SCAN_PORT_NONE},
		{"port = 080", 0, SCAN_PORT_NONE},
		{"transport = 3000", 0, SCAN_PORT_NONE},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		unsigned port = 0;
		enum scan_port_sign sign = scan_code_port(rows[i].line, &port);
		if (sign != rows[i].sign || port != rows[i].port)
			fail_msg("%s: %u, sign %d", rows[i].line, port, (int)sign);
	}
}

static void
test_scan__ports_in_commands(void **state)
{
	static const struct {
		const char *command;
		unsigned port;
	} rows[] = {
		{"uvicorn app:app --host 0.0.0.0 --port 8000", 8000},
		{"[\"gunicorn\", \"-b\", \"0.0.0.0:8002\", \"shop.wsgi\"]", 8002},
		{"gunicorn --bind=:8003 shop", 8003},
		{"java -Dserver.port=8004 -jar a.jar", 8004},
		{"next start -p 3005", 3005},
		{"mkdir -p 7000/x", 0},
		{"cp -p a9000 b", 0},
		{"uvicorn app:app --port ${PORT:-8006}", 8006},
		{"gunicorn --bind=[::]:8007 shop", 8007},
		{"[gunicorn, --bind, [::]:8008]", 8008},
		{"serve --port $PORT", 0},
		{"serve --port ${PORT}", 0},
		{"gunicorn --bind unix:/run/a8000", 0},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		if (scan_command_port(rows[i].command) != rows[i].port)
			fail_msg("%s: %u", rows[i].command, scan_command_port(rows[i].command));
}

static void
test_scan__lines_lose_their_comments(void **state)
{
	size_t n;
	struct scan_line *lines = scan_lines("a // b\n/* c\nd */ e\n\"// no\" f\n// all\n", SCAN_C, &arena, &n);
	(void)state;
	assert_int_equal(n, 3);
	assert_string_equal(lines[0].text, "a ");
	assert_string_equal(lines[1].text, " e");
	assert_int_equal(lines[1].number, 3);
	assert_string_equal(lines[2].text, "\"// no\" f");
}

static void
test_toml__entries_have_places(void **state)
{
	static const char text[] = "top = 1 # c\n[a.\"b\"]\nx = \"y # z\"\nlist = [\n  \"one\", # c\n  'two',\n]\n"
				   "t = \"\"\"\nx = 5\n\"\"\"\n[[bin]]\nname = 'n'\nbad line\nin = {version = \"1\"}\n";
	size_t n;
	struct toml_entry *entries = toml_read(text, &arena, &n);
	(void)state;
	assert_int_equal(n, 6);
	assert_string_equal(toml_find(entries, n, "", "top")->value, "1");
	assert_string_equal(toml_find(entries, n, "a.b", "x")->value, "y # z");
	assert_string_equal(entries[3].value, "two");
	assert_int_equal(entries[3].line, 6);
	assert_int_equal(toml_find(entries, n, "bin", "name")->line, 12);
	assert_string_equal(toml_find(entries, n, "bin", "in")->value, "{version = \"1\"}");
	assert_null(toml_find(entries, n, "a.b", "t"));
}

static void
test_xml__entries_have_paths(void **state)
{
	static const char text[] = "<?xml version=\"1.0\"?>\n<!DOCTYPE p [<!ENTITY e \"x\">]>\n<p a='1'>\n <!-- <q>no</q> -->\n"
				   " <q b=\"2\"/>\n <r>\n  &e; </r><![CDATA[<s>]]>\n</p>";
	size_t n;
	struct xml_entry *entries = xml_read(text, &arena, &n);
	(void)state;
	assert_string_equal(xml_find(entries, n, "p@a")->value, "1");
	assert_string_equal(xml_find(entries, n, "p/q@b")->value, "2");
	assert_int_equal(xml_find(entries, n, "p/q@b")->line, 5);
	assert_string_equal(xml_find(entries, n, "p/r")->value, "&e;");
	assert_null(xml_find(entries, n, "p/q"));
}

static void
test_xml__ends_at_what_is_none(void **state)
{
	static const char *const texts[] = {"<", "<a", "<a b", "<a b=", "<a b=\"", "</", "<a></a></a></a>", "<!--", "<![CDATA[", "< >"};
	size_t n;
	(void)state;
	for (size_t i = 0; i < array_length(texts); i++)
		(void)xml_read(texts[i], &arena, &n);
	char *deep = arena_alloc(&arena, 3 * 1000 + 1);
	for (size_t i = 0; i < 1000; i++)
		memcpy(deep + 3 * i, "<a>", 3);
	(void)xml_read(deep, &arena, &n);
}

static struct dockerfile
docker(const char *text)
{
	struct dockerfile facts = {0};
	assert_true(dockerfile_read(text, &arena, &facts));
	return facts;
}

static void
test_dockerfile__needs_a_from(void **state)
{
	struct dockerfile facts;
	(void)state;
	assert_false(dockerfile_read("EXPOSE 80\nCMD x\n", &arena, &facts));
	assert_false(dockerfile_read("", &arena, &facts));
	assert_true(dockerfile_read("from x\n", &arena, &facts));
}

static void
test_dockerfile__continues_lines_as_docker_does(void **state)
{
	struct dockerfile facts = docker("# escape=`\nFROM a\nEXPOSE 1 `\n# between\n\n  2 `\n 3/TCP\nEXPOSE 4-6\n");
	(void)state;
	assert_int_equal(facts.n_ports, 6);
	assert_int_equal(facts.ports[2].port, 3);
	assert_int_equal(facts.ports[2].line, 3);
	assert_int_equal(facts.ports[3].line, 8);
}

static void
test_dockerfile__variables_of_another_stage_are_not_set(void **state)
{
	struct dockerfile facts = docker("ARG V=1\nFROM a:$V AS one\nENV PORT=5000\nFROM b:${X:-2}\nENV OTHER=1\nEXPOSE ${PORT}\n");
	(void)state;
	assert_string_equal(facts.base, "b:2");
	assert_int_equal(facts.variable.port, 0);
	assert_int_equal(facts.n_ports, 0);
	facts = docker("ARG V=1\nFROM a:$V AS one\nENV PORT=5000\nFROM one\nEXPOSE $PORT\n");
	assert_string_equal(facts.base, "a:1");
	assert_int_equal(facts.ports[0].port, 5000);
}

static void
test_dockerfile__healthcheck_and_command(void **state)
{
	struct dockerfile facts = docker("FROM a\nENTRYPOINT [\"run\"]\nCMD [\"--port\", \"9000\"]\n"
	                                 "HEALTHCHECK --start-period=2m CMD [\"wget\", \"http://127.0.0.1:8080/ok?a=1\"]\n");
	(void)state;
	assert_int_equal(facts.started.port, 9000);
	assert_false(facts.is_shell_form);
	assert_int_equal(facts.start_seconds, 120);
	assert_string_equal(facts.health_path, "/ok?a=1");
	assert_int_equal(facts.health_port, 8080);
	facts = docker("FROM a\nHEALTHCHECK CMD curl http://x/\nHEALTHCHECK NONE\nCMD exec run\n");
	assert_null(facts.health_path);
	assert_false(facts.is_shell_form);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_scan__ports_in_code, tear_down),
		cmocka_unit_test_teardown(test_scan__ports_in_commands, tear_down),
		cmocka_unit_test_teardown(test_scan__lines_lose_their_comments, tear_down),
		cmocka_unit_test_teardown(test_toml__entries_have_places, tear_down),
		cmocka_unit_test_teardown(test_xml__entries_have_paths, tear_down),
		cmocka_unit_test_teardown(test_xml__ends_at_what_is_none, tear_down),
		cmocka_unit_test_teardown(test_dockerfile__needs_a_from, tear_down),
		cmocka_unit_test_teardown(test_dockerfile__continues_lines_as_docker_does, tear_down),
		cmocka_unit_test_teardown(test_dockerfile__variables_of_another_stage_are_not_set, tear_down),
		cmocka_unit_test_teardown(test_dockerfile__healthcheck_and_command, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
