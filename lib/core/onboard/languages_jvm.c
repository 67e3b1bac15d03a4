/* Maven, Gradle and sbt. */
#include <string.h>

#include "core/onboard/inspecting.h"
#include "core/onboard/xml.h"

static void
java_version(struct inspecting *in, struct manifest *manifest)
{
	static const char *const files[] = {".java-version", NULL};
	manifest_version_from_files(in, manifest, files);
	manifest_version_from_property(in, manifest, ".sdkmanrc", "java");
	manifest_version_from_property(in, manifest, "system.properties", "java.runtime.version");
}

bool
language_read_maven(struct inspecting *in, struct manifest *ret)
{
	static const char *const versions[] = {"project/properties/maven.compiler.release",
	                                       "project/properties/java.version",
	                                       "project/properties/maven.compiler.target"};
	static const char dependency[] = "project/dependencies/dependency/artifactId";
	size_t n;
	const char *text = inspecting_read(in, "pom.xml", &ret->file);
	if (text == NULL)
		return false;
	const struct xml_entry *entries = xml_read(text, in->arena, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(entries[i].path, dependency) == 0)
			manifest_add(in, ret, entries[i].value, NULL, ret->file, entries[i].line);
	const struct xml_entry *parent = xml_find(entries, n, "project/parent/artifactId"),
	                       *version = xml_find(entries, n, "project/parent/version");
	if (parent != NULL)
		manifest_add(in, ret, parent->value, version != NULL ? version->value : NULL, ret->file,
		             parent->line);
	java_version(in, ret);
	for (size_t i = 0; i < array_length(versions); i++) {
		const struct xml_entry *entry = xml_find(entries, n, versions[i]);
		if (entry != NULL)
			manifest_set_version(in, ret, entry->value, ret->file, entry->line,
			                     strrchr(versions[i], '/') + 1);
	}
	ret->has_wrapper = inspecting_has(in, "mvnw");
	const char *command = ret->has_wrapper ? "./mvnw -B -ntp verify" : "mvn -B -ntp verify";
	manifest_set_commands(ret, command, command, ret->file);
	return true;
}

/* "org.springframework.boot:spring-boot-starter-web:3.2.0", "io.quarkus" of a plugin's id. */
static void
gradle_dependency(struct inspecting *in, struct manifest *manifest, const char *text, unsigned line)
{
	char *copy = arena_strdup(in->arena, text), *rest = NULL;
	const char *part = strtok_r(copy, ":", &rest);
	const char *name = strtok_r(NULL, ":", &rest), *version = strtok_r(NULL, ":", &rest);
	if (part != NULL)
		manifest_add(in, manifest, name != NULL ? name : part, version, manifest->file, line);
}

static void
gradle_line(struct inspecting *in, struct manifest *manifest, const struct scan_line *line)
{
	static const char *const versions[] = {"languageVersion", "sourceCompatibility", "jvmToolchain",
	                                       "targetCompatibility"};
	const char *at = line->text, *text;
	while ((text = scan_quoted(&at, in->arena)) != NULL)
		gradle_dependency(in, manifest, text, line->number);
	for (size_t i = 0; i < array_length(versions); i++) {
		const char *found = scan_word(line->text, versions[i]);
		const char *digit = found != NULL ? found + strcspn(found, "0123456789") : "";
		if (*digit != '\0')
			manifest_set_version(in, manifest,
			                     arena_strndup(in->arena, digit,
			                                   strspn(digit, "0123456789.")), manifest->file,
			            line->number, versions[i]);
	}
}

bool
language_read_gradle(struct inspecting *in, struct manifest *ret)
{
	static const char *const names[] = {"build.gradle", "build.gradle.kts"};
	const char *text = NULL;
	size_t n;
	for (size_t i = 0; i < array_length(names) && text == NULL; i++)
		text = inspecting_read(in, names[i], &ret->file);
	if (text == NULL)
		return false;
	java_version(in, ret);
	const struct scan_line *lines = scan_lines(text, SCAN_C, in->arena, &n);
	for (size_t i = 0; i < n; i++)
		gradle_line(in, ret, &lines[i]);
	ret->has_wrapper = inspecting_has(in, "gradlew");
	const char *command = ret->has_wrapper ? "./gradlew build" : "gradle build";
	manifest_set_commands(ret, command, command, ret->file);
	return true;
}

static void
sbt_file(struct inspecting *in, struct manifest *manifest, const char *name)
{
	const char *path, *text = inspecting_read(in, name, &path), *quoted;
	size_t n = 0;
	const struct scan_line *lines = text != NULL ? scan_lines(text, SCAN_C, in->arena, &n) : NULL;
	for (size_t i = 0; i < n; i++) {
		const char *at = lines[i].text, *version = scan_word(lines[i].text, "scalaVersion");
		while ((quoted = scan_quoted(&at, in->arena)) != NULL)
			manifest_add(in, manifest, quoted, NULL, path, lines[i].number);
		if (version != NULL && (quoted = scan_quoted(&version, in->arena)) != NULL)
			manifest_set_version(in, manifest, quoted, path, lines[i].number, "scalaVersion");
	}
}

bool
language_read_scala(struct inspecting *in, struct manifest *ret)
{
	static const char *const names[] = {"build.sbt", "build.mill", "build.sc"};
	bool is_sbt = inspecting_read(in, "build.sbt", &ret->file) != NULL &&
	              (inspecting_has(in, "project/build.properties") || inspecting_has(in, "project/plugins.sbt"));
	for (size_t i = 1; i < array_length(names) && !is_sbt && ret->file == NULL; i++)
		if (inspecting_has(in, names[i]))
			ret->file = listing_join(in->arena, in->folder, names[i]);
	if (ret->file == NULL)
		return false;
	for (size_t i = 0; i < array_length(names); i++)
		sbt_file(in, ret, names[i]);
	sbt_file(in, ret, "project/plugins.sbt");
	java_version(in, ret);
	bool stages = manifest_find(ret, "sbt-native-packager") != NULL || manifest_find(ret, "sbt-plugin") != NULL;
	if (is_sbt)
		manifest_set_commands(ret, stages ? "sbt stage" : "sbt package", "sbt test", ret->file);
	else
		manifest_set_commands(ret, "./mill __.assembly", "./mill __.test", ret->file);
	return true;
}
