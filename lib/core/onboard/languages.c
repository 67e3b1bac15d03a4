/* The languages of onboarding 3.2: which files show them, and what their manifests say. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/onboard/inspecting.h"
#include "core/onboard/toml.h"
#include "core/onboard/xml.h"
#include "data/json.h"

/* ---- Node ---- */

/* The package manager in the order of onboarding 3.2; what else claims to be it is told. */
static const char *
node_manager(struct inspecting *in, const json_t *package)
{
	static const struct {
		const char *file, *manager;
	} locks[] = {
		{"pnpm-lock.yaml", "pnpm"}, {"bun.lock", "bun"}, {"bun.lockb", "bun"},
		{".yarnrc.yml", "yarn 2"},  {"yarn.lock", "yarn"}, {"package-lock.json", "npm"},
	};
	const char *named = json_text_at(package, "packageManager"), *manager = NULL, *first = NULL;
	for (size_t i = 0; i < array_length(locks); i++) {
		if (!inspecting_has(in, locks[i].file))
			continue;
		if (first != NULL && strncmp(locks[i].manager, manager, 3) != 0)
			inspecting_advise(in, listing_join(in->arena, in->folder, locks[i].file), 0,
			                  "two lock files, %s is used: delete the other", first);
		else if (first == NULL) {
			first = locks[i].file;
			manager = locks[i].manager;
		}
	}
	if (named != NULL && strncmp(named, "yarn", 4) == 0)
		return strncmp(named, "yarn@1", 6) == 0 ? "yarn" : "yarn 2";
	if (named != NULL)
		return arena_strndup(in->arena, named, strcspn(named, "@"));
	return manager != NULL ? manager : "npm";
}

static void
node_commands(struct inspecting *in, struct manifest *manifest, const json_t *package, const char *text)
{
	static const struct {
		const char *manager, *install, *run;
	} rows[] = {
		{"npm", "npm ci", "npm"}, {"pnpm", "pnpm i --frozen-lockfile", "pnpm"}, {"yarn",
		                                                                         "yarn --frozen-lockfile", "yarn"},
		{"yarn 2", "yarn --immutable", "yarn"}, {"bun", "bun install --frozen-lockfile", "bun"},
	};
	const char *manager = node_manager(in, package), *test = json_text_at(package, "scripts.test");
	size_t row = 0;
	for (size_t i = 0; i < array_length(rows); i++)
		if (strcmp(rows[i].manager, manager) == 0)
			row = i;
	const char *build = json_text_at(package, "scripts.build") != NULL
	                        ? arena_printf(in->arena, "%s && %s run build", rows[row].install, rows[row].run)
	                        : rows[row].install;
	manifest->build = (struct fact){build, manifest->file, scan_line_of(text, "\"build\""), "scripts",
	                                FACT_DERIVED};
	if (test != NULL && strstr(test, "no test specified") == NULL)
		manifest->test = (struct fact){arena_printf(in->arena, "%s test", rows[row].run), manifest->file,
		                               scan_line_of(text, "\"test\""), "scripts.test", FACT_STATED};
}

static void
json_dependencies(struct inspecting *in, struct manifest *manifest, json_t *map, const char *text)
{
	const char *name;
	json_t *version;
	json_object_foreach(map, name, version) {
		const char *quoted = arena_printf(in->arena, "\"%s\"", name);
		const char *value = json_string_value(version);
		manifest_add(in, manifest, arena_strdup(in->arena, name), arena_strdup(in->arena, value),
		             manifest->file,
		               scan_line_of(text, quoted));
	}
}

static bool
open_json(struct inspecting *in, const char *name, struct manifest *ret, const char **ret_text, json_t **ret_json)
{
	struct error err = {0};
	const char *text = inspecting_read(in, name, &ret->file);
	if (text == NULL)
		return false;
	*ret_text = text;
	if (json_parse(text, strlen(text), name, ret_json, &err) && json_is_object(*ret_json))
		return true;
	inspecting_advise(in, ret->file, 0, "cannot be read as JSON: %s", err.why);
	json_decref(*ret_json);
	*ret_json = json_object(); /* the file shows the language all the same */
	return true;
}

static bool
read_node(struct inspecting *in, struct manifest *ret)
{
	static const char *const versions[] = {".nvmrc", ".node-version", NULL};
	scoped(json_release) json_t *package = NULL;
	const char *text;
	if (!open_json(in, "package.json", ret, &text, &package))
		return false;
	json_dependencies(in, ret, json_map_at(package, "dependencies"), text);
	json_dependencies(in, ret, json_map_at(package, "devDependencies"), text);
	manifest_version_from_files(in, ret, versions);
	const char *volta = json_text_at(package, "volta.node"), *engine = json_text_at(package, "engines.node");
	manifest_set_version(in, ret, volta != NULL ? arena_strdup(in->arena, volta) : NULL, ret->file,
	                     scan_line_of(text, "\"volta\""),
	            "volta.node");
	manifest_set_version(in, ret, engine != NULL ? arena_strdup(in->arena, engine) : NULL, ret->file,
	            scan_line_of(text, "\"engines\""), "engines.node");
	node_commands(in, ret, package, text);
	return true;
}

/* ---- Python ---- */

/* "Flask[async]>=2 ; python_version > '3'" as "flask". */
static void
python_dependency(struct inspecting *in, struct manifest *manifest, const char *text, const char *file, unsigned line)
{
	text += strspn(text, " \t");
	size_t length = 0;
	while (isalnum((unsigned char)text[length]) || (text[length] != '\0' && strchr("._-", text[length]) != NULL))
		length++;
	if (length == 0 || *text == '-')
		return;
	char *name = arena_strndup(in->arena, text, length);
	for (char *c = name; *c != '\0'; c++)
		*c = *c == '_' || *c == '.' ? '-' : (char)tolower((unsigned char)*c);
	manifest_add(in, manifest, name, NULL, file, line);
}

static void
python_requirements(struct inspecting *in, struct manifest *manifest)
{
	for (size_t i = 0; i < in->tree->count; i++) {
		struct listing_file *file = &in->tree->files[i];
		const char *name = listing_base_name(file->path);
		bool is_here = strcmp(listing_join(in->arena, in->folder, name), file->path) == 0;
		if (!is_here || strncmp(name, "requirements", 12) != 0 || strstr(name, ".txt") == NULL)
			continue;
		const char *text = listing_text(in->tree, file);
		size_t n = 0;
		const struct scan_line *lines = text != NULL ? scan_lines(text, SCAN_HASH, in->arena, &n) : NULL;
		for (size_t k = 0; k < n; k++)
			python_dependency(in, manifest, lines[k].text, file->path, lines[k].number);
		if (manifest->file == NULL)
			manifest->file = file->path;
	}
}

static void
python_toml(struct inspecting *in, struct manifest *manifest, const char *name)
{
	static const char *const tables[] = {"tool.poetry.dependencies", "packages"};
	const char *path, *text = inspecting_read(in, name, &path);
	size_t n = 0;
	const struct toml_entry *entries = text != NULL ? toml_read(text, in->arena, &n) : NULL;
	if (text == NULL)
		return;
	manifest->file = manifest->file != NULL ? manifest->file : path;
	for (size_t i = 0; i < n; i++) {
		const struct toml_entry *entry = &entries[i];
		if (strcmp(entry->section, "project") == 0 && strcmp(entry->key, "dependencies") == 0)
			python_dependency(in, manifest, entry->value, path, entry->line);
		for (size_t k = 0; k < array_length(tables); k++)
			if (strcmp(entry->section, tables[k]) == 0 && strcmp(entry->key, "python") != 0)
				python_dependency(in, manifest, entry->key, path, entry->line);
		bool is_version = strcmp(entry->key, "requires-python") == 0 ||
		        strcmp(entry->key, "python_version") == 0 ||
		                  (strcmp(entry->section, tables[0]) == 0 && strcmp(entry->key, "python") == 0);
		if (is_version)
			manifest_set_version(in, manifest, entry->value, path, entry->line, entry->key);
	}
}

static void
python_setup(struct inspecting *in, struct manifest *manifest)
{
	const char *path, *text = inspecting_read(in, "setup.py", &path), *quoted;
	size_t n = 0;
	const struct scan_line *lines = text != NULL ? scan_lines(text, SCAN_HASH, in->arena, &n) : NULL;
	bool is_inside = false;
	for (size_t i = 0; i < n; i++) {
		const char *at = strstr(lines[i].text, "install_requires");
		is_inside |= at != NULL;
		at = at != NULL ? at : lines[i].text;
		while (is_inside && (quoted = scan_quoted(&at, in->arena)) != NULL)
			python_dependency(in, manifest, quoted, path, lines[i].number);
		is_inside &= strchr(lines[i].text, ']') == NULL;
	}
	if (text != NULL && manifest->file == NULL)
		manifest->file = path;
}

static bool
read_python(struct inspecting *in, struct manifest *ret)
{
	static const char *const versions[] = {".python-version", NULL};
	static const char *const runtime[] = {"runtime.txt", NULL};
	manifest_version_from_files(in, ret, versions);
	python_toml(in, ret, "pyproject.toml");
	python_requirements(in, ret);
	python_toml(in, ret, "Pipfile");
	python_setup(in, ret);
	manifest_version_from_files(in, ret, runtime);
	if (ret->file == NULL)
		return false;
	bool has_pytest = manifest_find(ret, "pytest") != NULL || inspecting_has(in, "pytest.ini") ||
	        inspecting_has(in, "conftest.py");
	const char *other = inspecting_has(in, "tox.ini") ? "tox" : "python -m unittest";
	const char *test = has_pytest ? "pytest --cov --cov-report=xml" : other;
	ret->test = (struct fact){test, ret->file, 0, "", FACT_DERIVED};
	return true;
}

/* ---- Go ---- */

static bool
read_go(struct inspecting *in, struct manifest *ret)
{
	size_t n;
	const char *text = inspecting_read(in, "go.mod", &ret->file), *go = NULL;
	unsigned go_line = 0;
	if (text == NULL)
		return false;
	const struct scan_line *lines = scan_lines(text, SCAN_C, in->arena, &n);
	for (size_t i = 0; i < n; i++) {
		char *rest = NULL, *copy = arena_strdup(in->arena, lines[i].text);
		const char *first = strtok_r(copy, " \t\r", &rest), *second = strtok_r(NULL, " \t\r", &rest);
		if (first == NULL || second == NULL)
			continue;
		if (strcmp(first, "require") == 0 && second[0] != '(')
			manifest_add(in, ret, second, strtok_r(NULL, " \t\r", &rest), ret->file, lines[i].number);
		else if (strcmp(first, "toolchain") == 0)
			manifest_set_version(in, ret, strncmp(second, "go", 2) == 0 ? second + 2 : second, ret->file,
			                     lines[i].number, "toolchain");
		else if (strcmp(first, "go") == 0) {
			go = second;
			go_line = lines[i].number;
		} else if (strchr(first, '/') != NULL || strchr(first, '.') != NULL)
			manifest_add(in, ret, first, second, ret->file, lines[i].number);
	}
	manifest_set_version(in, ret, go, ret->file, go_line, "go");
	manifest_set_commands(ret, "go build ./...", "go test -race -coverprofile=coverage.out ./...", ret->file);
	return true;
}

/* ---- Ruby, PHP ---- */

static bool
read_ruby(struct inspecting *in, struct manifest *ret)
{
	static const char *const versions[] = {".ruby-version", NULL};
	size_t n;
	const char *text = inspecting_read(in, "Gemfile", &ret->file);
	if (text == NULL)
		return false;
	manifest_version_from_files(in, ret, versions);
	const struct scan_line *lines = scan_lines(text, SCAN_HASH, in->arena, &n);
	for (size_t i = 0; i < n; i++) {
		const char *at = lines[i].text + strspn(lines[i].text, " \t"), *start = at;
		const char *quoted = scan_quoted(&at, in->arena);
		if (quoted != NULL && strncmp(start, "gem ", 4) == 0)
			manifest_add(in, ret, quoted, NULL, ret->file, lines[i].number);
		if (quoted != NULL && strncmp(start, "ruby ", 5) == 0)
			manifest_set_version(in, ret, quoted, ret->file, lines[i].number, "ruby");
	}
	const char *test = inspecting_has(in, "spec/") ? "bundle exec rspec" : inspecting_has(in,
	                "bin/rails") ? "bin/rails test" : "bundle exec rake test";
	manifest_set_commands(ret, "bundle install", test, ret->file);
	return true;
}

static bool
read_php(struct inspecting *in, struct manifest *ret)
{
	scoped(json_release) json_t *composer = NULL;
	const char *text;
	if (!open_json(in, "composer.json", ret, &text, &composer)) {
		if (!inspecting_has(in, "index.php"))
			return false;
		ret->file = listing_join(in->arena, in->folder, "index.php");
		return true;
	}
	json_dependencies(in, ret, json_map_at(composer, "require"), text);
	const char *php = json_text_at(composer, "require.php"), *platform = json_text_at(composer,
	                                                                                  "config.platform.php");
	manifest_set_version(in, ret, arena_strdup(in->arena, php), ret->file, scan_line_of(text, "\"php\""),
	                     "require.php");
	manifest_set_version(in, ret, arena_strdup(in->arena, platform), ret->file,
	                     scan_line_of(text, "\"platform\""), "config.platform.php");
	manifest_set_commands(ret, "composer install --no-interaction",
	                      "vendor/bin/phpunit --coverage-clover=coverage.xml", ret->file);
	return true;
}

/* ---- .NET, Rust ---- */

/* The first project file of the folder, or one folder below: that of the web SDK when there is one. */
static const char *
find_project(struct inspecting *in, const char **ret_text)
{
	const char *chosen = NULL;
	for (size_t i = 0; i < in->tree->count; i++) {
		struct listing_file *file = &in->tree->files[i];
		size_t length = strlen(file->path), start = strlen(in->folder) + (in->folder[0] != '\0');
		if (!listing_is_below(file, in->folder) || length < 7 ||
		    strcmp(file->path + length - 7, ".csproj") != 0)
			continue;
		const char *slash = strchr(file->path + start, '/'), *text = listing_text(in->tree, file);
		bool is_deep = slash != NULL && strchr(slash + 1, '/') != NULL &&
		        strchr(strchr(slash + 1, '/') + 1, '/') != NULL;
		if (is_deep || text == NULL)
			continue;
		bool is_web = strstr(text, "Microsoft.NET.Sdk.Web") != NULL;
		if (chosen == NULL || is_web) {
			chosen = file->path;
			*ret_text = text;
		}
		if (is_web)
			break;
	}
	return chosen;
}

static bool
read_dotnet(struct inspecting *in, struct manifest *ret)
{
	const char *text = NULL, *path, *global;
	size_t n;
	if ((ret->file = find_project(in, &text)) == NULL)
		return false;
	const struct xml_entry *entries = xml_read(text, in->arena, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(entries[i].path, "Project/ItemGroup/PackageReference@Include") == 0 ||
		    strcmp(entries[i].path, "Project@Sdk") == 0)
			manifest_add(in, ret, entries[i].value, NULL, ret->file, entries[i].line);
	const struct xml_entry *framework = xml_find(entries, n, "Project/PropertyGroup/TargetFramework");
	if ((global = inspecting_read(in, "global.json", &path)) != NULL &&
	    scan_line_of(global, "\"version\"") != 0) {
		const char *at = strstr(global, "\"version\"") + 9;
		manifest_set_version(in, ret, scan_quoted(&at, in->arena), path, scan_line_of(global, "\"version\""),
		                     "sdk.version");
	}
	if (framework != NULL) {
		const char *value = framework->value;
		manifest_set_version(in, ret, strncmp(value, "net", 3) == 0 ? value + 3 : value, ret->file,
		                     framework->line, "TargetFramework");
	}
	bool is_locked = inspecting_has(in, "packages.lock.json");
	const char *build = is_locked ? "dotnet restore --locked-mode && dotnet build -c Release" : "dotnet build -c Release";
	manifest_set_commands(ret, build, "dotnet test --collect:\"XPlat Code Coverage\"", ret->file);
	return true;
}

static bool
read_rust(struct inspecting *in, struct manifest *ret)
{
	static const char *const versions[] = {"rust-toolchain", NULL};
	const char *text = inspecting_read(in, "Cargo.toml", &ret->file), *path, *toolchain;
	size_t n, n_channel;
	if (text == NULL)
		return false;
	const struct toml_entry *entries = toml_read(text, in->arena, &n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(entries[i].section, "dependencies") == 0)
			manifest_add(in, ret, entries[i].key, entries[i].value, ret->file, entries[i].line);
		else if (strncmp(entries[i].section, "dependencies.", 13) == 0)
			manifest_add(in, ret, entries[i].section + 13, NULL, ret->file, entries[i].line);
	}
	manifest_version_from_files(in, ret, versions);
	if ((toolchain = inspecting_read(in, "rust-toolchain.toml", &path)) != NULL) {
		const struct toml_entry *channel = toml_read(toolchain, in->arena, &n_channel);
		channel = toml_find(channel, n_channel, "toolchain", "channel");
		if (channel != NULL)
			manifest_set_version(in, ret, channel->value, path, channel->line, "channel");
	}
	const struct toml_entry *version = toml_find(entries, n, "package", "rust-version");
	if (version != NULL)
		manifest_set_version(in, ret, version->value, ret->file, version->line, "rust-version");
	manifest_set_commands(ret, "cargo build --release --locked", "cargo test --locked", ret->file);
	return true;
}

/* ---- files only ---- */

static bool
read_static(struct inspecting *in, struct manifest *ret)
{
	static const char *const markers[] = {"index.html", "public/index.html", "dist/index.html", "hugo.toml",
	                                      "mkdocs.yml",
	                                      "_config.yml", "hugo.yaml"};
	static const char *const builds[] = {NULL, NULL, NULL, "hugo", "mkdocs build", "bundle exec jekyll build",
	                                     "hugo"};
	for (size_t i = 0; i < array_length(markers); i++) {
		if (!inspecting_has(in, markers[i]))
			continue;
		ret->file = listing_join(in->arena, in->folder, markers[i]);
		manifest_set_commands(ret, builds[i], NULL, ret->file);
		return true;
	}
	return false;
}

/* Server languages first: where two are there, the first whose framework matches is it. */
const struct language languages[] = {
	{"java-maven", "Java (Maven)", language_read_maven, NULL, SCAN_C, "target/site/jacoco/jacoco.xml", false},
	{"java-gradle", "Java (Gradle)", language_read_gradle, NULL, SCAN_C,
	 "build/reports/jacoco/test/jacocoTestReport.xml", false},
	{"scala", "Scala", language_read_scala, NULL, SCAN_C, "target/scala-*/coverage-report/cobertura.xml", false},
	{"python", "Python", read_python, " .py ", SCAN_HASH, "coverage.xml", false},
	{"go", "Go", read_go, " .go ", SCAN_C, "coverage.out", false},
	{"ruby", "Ruby", read_ruby, " .rb .ru ", SCAN_HASH, "coverage/coverage.json", false},
	{"php", "PHP", read_php, " .php ", SCAN_C, "coverage.xml", false},
	{"dotnet", ".NET", read_dotnet, " .cs ", SCAN_C, "coverage.cobertura.xml", false},
	{"rust", "Rust", read_rust, " .rs ", SCAN_C, "lcov.info", false},
	{"node", "Node", read_node, " .js .ts .mjs .cjs .mts .cts ", SCAN_C, "coverage/lcov.info", true},
	{"static", "static files", read_static, NULL, SCAN_PLAIN, NULL, true},
};
const size_t n_languages = array_length(languages);

const char *const inspect_languages[] = {"java-maven", "java-gradle", "scala", "python", "go", "ruby", "php",
                                         "dotnet",
                                         "rust", "node", "static", NULL};
