/* A small fleet made by hand: commits, log lines and desks as trine would leave
 * them, for tests of the checker. */
#ifndef TRINE_CHECK_FIXTURE_H
#define TRINE_CHECK_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../sim/check.h"
#include "../sim/check_base.h"

enum { FILES = 64, COMPUTERS = 3 };

struct fleet {
	char dir[64];
	git_repository *remote;
	struct check *c;
	struct { char *path, *text; } files[FILES];	/* of the next commit */
	size_t count;
	unsigned mode;			/* of them all; 0: 100644 */
	git_oid tip;
	bool has_tip;
	int64_t now;
	struct {
		char clone[9];
		const char *former;	/* "", or "former: [...]\n" */
		char receipts[128];
		long seq;
		const char *state;
	} computers[COMPUTERS + 1];
};

static inline void must(int failed)
{
	if (failed)
		fail_msg("%s", git_error_last() ? git_error_last()->message :
			 "libgit2");
}

static inline char *stamp(int64_t seconds)
{
	static char text[24];
	time_t time = (time_t)seconds;
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm));
	return text;
}

/* ---- files of the next commit: paths below the prefix, or "/path" ---- */

static inline char **text_of(struct fleet *f, const char *path)
{
	for (size_t i = 0; i < f->count; i++) {
		if (!strcmp(f->files[i].path, path))
			return &f->files[i].text;
	}
	return NULL;
}

static inline void put(struct fleet *f, const char *path, const char *text)
{
	char **there = text_of(f, path);

	if (there) {
		free(*there);
		*there = strdup(text);
		return;
	}
	assert_true(f->count < FILES);
	f->files[f->count].path = strdup(path);
	f->files[f->count++].text = strdup(text);
}

static inline void add(struct fleet *f, const char *path, const char *more)
{
	char **there = text_of(f, path);
	char *text = ck_print("%s%s", there ? *there : "", more);

	put(f, path, text);
	free(text);
}

static inline void drop(struct fleet *f, const char *path)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->files[i].path, path))
			continue;
		free(f->files[i].path);
		free(f->files[i].text);
		f->files[i] = f->files[--f->count];
		return;
	}
	fail_msg("no %s", path);
}

static inline void move(struct fleet *f, const char *from, const char *to)
{
	put(f, to, *text_of(f, from));
	drop(f, from);
}

static inline void replace(struct fleet *f, const char *path, const char *old,
			   const char *now)
{
	char *text = *text_of(f, path), *at = strstr(text, old), *changed;

	assert_non_null(at);
	changed = ck_print("%.*s%s%s", (int)(at - text), text, now,
			   at + strlen(old));
	put(f, path, changed);
	free(changed);
}

static inline void write_status(struct fleet *f, int n)
{
	char *path = ck_print("COMPUTER_%d.md", n);
	char *text = ck_print("# Computer %d\n\n"
		"<!-- trine:begin kept by trine -->\n"
		"**%s** · %s · no tasks\n\n```yaml status\nformat: 1\n"
		"computer: %d\nclone: %s\n%sstate: %s\nupdated: %s\n"
		"heartbeat: 30m\nreceived: {%s}\ntrine: 0.1.0\n```\n\n"
		"</details>\n<!-- trine:end -->\n", n,
		f->computers[n].state, stamp(f->now), n,
		f->computers[n].clone, f->computers[n].former,
		f->computers[n].state, stamp(f->now), f->computers[n].receipts);

	put(f, path, text);
	free(path);
	free(text);
}

static inline void say_in(struct fleet *f, const char *path, const char *id,
			  const char *body)
{
	char *text = ck_print("## A title\n\n```yaml message\nid: %s\n"
		"type: task\npriority: normal\nsent: 2026-11-20T13:10:00Z\n"
		"```\n\n%s\n\n<!-- /%s -->\n\n", id, body, id);

	if (!text_of(f, path))
		put(f, path, "# A stream\n\n<!-- trine:messages -->\n\n");
	add(f, path, text);
	free(text);
}

static inline void say(struct fleet *f, int from, const char *to, int number,
		       const char *body)
{
	char *path = ck_print("messages/%d_TO_%s.md", from, to);
	char *id = ck_print("%d_TO_%s.%d", from, to, number);

	say_in(f, path, id, body);
	free(path);
	free(id);
}

/* ---- logs ---- */

static inline FILE *open_log(struct fleet *f, int n, const char *how)
{
	char *path = ck_print("%s/%d/.trine/event-log.jsonl", f->dir, n);
	FILE *file = fopen(path, how);

	assert_non_null(file);
	free(path);
	return file;
}

static inline void write_line(struct fleet *f, int n, const char *line)
{
	FILE *file = open_log(f, n, "a");

	fprintf(file, "%s,\"crc\":\"%08x\"}\n", line,
		ck_crc(line, strlen(line)));
	fclose(file);
}

/* FIELDS: "\"type\":…,…", without seq, time, actor, crc. */
static inline void event(struct fleet *f, int n, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static inline void event(struct fleet *f, int n, const char *format, ...)
{
	va_list args;
	char *fields, *line;

	va_start(args, format);
	fields = ck_vprint(format, args);
	va_end(args);
	line = ck_print("{\"seq\":%ld,\"time\":\"%s\",\"actor\":\"trine\",%s",
			++f->computers[n].seq, stamp(f->now), fields);
	write_line(f, n, line);
	free(line);
	free(fields);
}

static inline void hears(struct fleet *f, int n, const char *type,
			 const char *id, const char *clone, const char *body)
{
	event(f, n, "\"type\":\"%s\",\"id\":\"%s\",\"clone\":\"%s\",\"message\":"
	      "{\"type\":\"task\",\"priority\":\"normal\",\"title\":\"A title\","
	      "\"body\":\"%s\\n\",\"sent\":\"2026-11-20T13:10:00Z\"},"
	      "\"commit\":\"%s\"", type, id, clone, body,
	      git_oid_tostr_s(&f->tip));
}

/* ---- commits ---- */

static inline void write_tree(struct fleet *f, git_oid *oid)
{
	git_index *index;

	must(git_index_new(&index));
	for (size_t i = 0; i < f->count; i++) {
		const char *path = f->files[i].path;
		char *full = *path == '/' ? strdup(path + 1) :
			ck_print("coordination/%s", path);
		git_index_entry entry = { .path = full,
			.mode = f->mode ? f->mode : 0100644 };

		must(git_blob_create_from_buffer(&entry.id, f->remote,
			f->files[i].text, strlen(f->files[i].text)));
		must(git_index_add(index, &entry));
		free(full);
	}
	must(git_index_write_tree_to(oid, index, f->remote));
	git_index_free(index);
}

static inline int by_line(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines that Trine-Files of computer N is the digest of. */
static inline void digest_of(struct fleet *f, int n, const git_oid *tree_id,
			     char hex[17])
{
	char *lines[FILES], *prefix = ck_print("%d_TO_", n), *text = strdup("");
	char *own = ck_print("COMPUTER_%d.md", n);
	size_t count = 0;
	git_tree *tree;
	const char *folders[] = { "", "messages", "archive" };

	must(git_tree_lookup(&tree, f->remote, tree_id));
	for (int k = 0; k < 3; k++) {
		char *path = ck_print("coordination%s%s", k ? "/" : "",
				      folders[k]);
		git_tree_entry *entry = NULL;
		git_tree *folder = NULL;

		if (!git_tree_entry_bypath(&entry, tree, path))
			must(git_tree_lookup(&folder, f->remote,
					     git_tree_entry_id(entry)));
		for (size_t i = 0; folder && i < git_tree_entrycount(folder);
		     i++) {
			const git_tree_entry *e =
				git_tree_entry_byindex(folder, i);
			const char *name = git_tree_entry_name(e);

			if (k ? !strncmp(name, prefix, strlen(prefix)) :
			    !strcmp(name, own))
				lines[count++] = ck_print("%s%s%s %s\n",
					folders[k], k ? "/" : "", name,
					git_oid_tostr_s(git_tree_entry_id(e)));
		}
		git_tree_free(folder);
		git_tree_entry_free(entry);
		free(path);
	}
	qsort(lines, count, sizeof(*lines), by_line);
	for (size_t i = 0; i < count; i++) {
		char *longer = ck_print("%s%s", text, lines[i]);

		free(text);
		free(lines[i]);
		text = longer;
	}
	ck_sha16(text, hex);
	git_tree_free(tree);
	free(text);
	free(prefix);
	free(own);
}

/* A commit of the files, on top of the tip and OTHER; the branch stays. */
static inline git_oid commit_object(struct fleet *f, const char *message,
				    int n, const git_oid *other)
{
	char *name = ck_print(n ? "Computer %d" : "Ada Person", n);
	char *mail = n ? ck_print("computer-%d@trine.invalid", n) :
		ck_print("ada@example.org");
	git_commit *parents[2] = { NULL, NULL };
	git_oid tree_id, oid;
	git_signature *by;
	git_tree *tree;
	size_t count = 0;

	write_tree(f, &tree_id);
	must(git_tree_lookup(&tree, f->remote, &tree_id));
	must(git_signature_new(&by, name, mail, f->now, 0));
	if (f->has_tip)
		must(git_commit_lookup(&parents[count++], f->remote, &f->tip));
	if (other)
		must(git_commit_lookup(&parents[count++], f->remote, other));
	must(git_commit_create(&oid, f->remote, NULL, by, by, NULL, message,
			       tree, count, (const git_commit **)parents));
	git_commit_free(parents[0]);
	git_commit_free(parents[1]);
	git_signature_free(by);
	git_tree_free(tree);
	free(name);
	free(mail);
	return oid;
}

static inline void move_branch(struct fleet *f, const git_oid *oid)
{
	git_reference *ref;

	must(git_reference_create(&ref, f->remote, "refs/heads/main", oid, 1,
				  "test"));
	git_reference_free(ref);
	git_oid_cpy(&f->tip, oid);
	f->has_tip = true;
}

static inline git_oid trine_object(struct fleet *f, int n, const git_oid *other)
{
	git_oid tree_id, oid;
	char hex[17], *message;

	write_tree(f, &tree_id);
	digest_of(f, n, &tree_id, hex);
	message = ck_print("computer %d: words\n\nTrine-Computer: %d\n"
		"Trine-Clone: %s\nTrine-Files: %s\n", n, n,
		f->computers[n].clone, hex);
	oid = commit_object(f, message, n, other);
	free(message);
	return oid;
}

/* Computer N makes and logs a commit, in the place of REPLACES (NULL: of none); it is no
 * part of the branch yet. */
static inline git_oid make(struct fleet *f, int n, const git_oid *replaces)
{
	git_oid oid = trine_object(f, n, NULL);
	char hex[41], parent[41], old[41] = "";

	git_oid_tostr(hex, sizeof(hex), &oid);
	git_oid_tostr(parent, sizeof(parent), &f->tip);
	if (replaces)
		git_oid_tostr(old, sizeof(old), replaces);
	event(f, n, "\"type\":\"commit.made\",\"commit\":\"%s\","
	      "\"parent\":\"%s\"%s%s%s", hex, parent,
	      replaces ? ",\"replaces\":\"" : "", old, replaces ? "\"" : "");
	return oid;
}

/* Computer N makes, logs and pushes a commit, its status not written anew. */
static inline void push_as_is(struct fleet *f, int n)
{
	git_oid oid = make(f, n, NULL);
	char hex[41];

	git_oid_tostr(hex, sizeof(hex), &oid);
	move_branch(f, &oid);
	event(f, n, "\"type\":\"commit.seen\",\"commit\":\"%s\"", hex);
}

static inline void push(struct fleet *f, int n)
{
	f->now += 300;
	write_status(f, n);
	push_as_is(f, n);
}

static inline void push_by_a_person(struct fleet *f)
{
	git_oid oid = commit_object(f, "by hand\n", 0, NULL);

	f->now += 60;
	move_branch(f, &oid);
}

/* ---- desks, and what is handed over ---- */

static inline void write_file(struct fleet *f, int n, const char *folder,
			      const char *path, const char *text)
{
	char *full = ck_print("%s/%d/%s/%s", f->dir, n, folder, path);
	FILE *file;

	for (char *at = strchr(full + strlen(f->dir) + 1, '/'); at;
	     at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(full, 0700);
		*at = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(full);
}

static inline void write_desk(struct fleet *f, int n, const char *path,
			      const char *text)
{
	write_file(f, n, "coordination", path, text);
}

/* NAME: "new/1_TO_2.1.md". */
static inline void hand_over(struct fleet *f, int n, const char *name)
{
	write_file(f, n, ".trine/inbox/w", name, "Words\n");
}

static inline void take_away(struct fleet *f, int n, const char *name)
{
	char *full = ck_print("%s/%d/.trine/inbox/w/%s", f->dir, n, name);

	must(remove(full));
	free(full);
}

static inline void publish(struct fleet *f)
{
	for (int n = 1; n <= COMPUTERS; n++) {
		for (size_t i = 0; i < f->count; i++)
			write_desk(f, n, f->files[i].path, f->files[i].text);
	}
}

/* ---- the fleet ---- */

static inline void set_up_from(struct fleet *f, int n, const char *clone,
			       const char *start)
{
	char *path = ck_print("%s/%d", f->dir, n), *trine;

	trine = ck_print("%s/.trine", path);
	mkdir(path, 0700);
	mkdir(trine, 0700);
	snprintf(f->computers[n].clone, sizeof(f->computers[n].clone), "%s",
		 clone);
	f->computers[n].former = "";
	f->computers[n].state = "IDLE";
	event(f, n, "\"type\":\"computer.set\",\"number\":%d,\"clone\":\"%s\","
	      "\"why\":\"init\"", n, clone);
	event(f, n, "\"type\":\"all.started\",\"commit\":\"%s\"", start);
	check_computer(f->c, n, path);
	free(trine);
	free(path);
}

static inline void set_up(struct fleet *f, int n, const char *clone)
{
	set_up_from(f, n, clone, "-");
}

/* A repository whose objects are in memory. */
static inline void open_remote(struct fleet *f)
{
	char *path = ck_print("%s/hub.git", f->dir);
	git_odb_backend *memory;
	git_odb *odb;

	must(git_repository_init(&f->remote, path, 1));
	must(git_repository_odb(&odb, f->remote));
	must(git_mempack_new(&memory));
	must(git_odb_add_backend(odb, memory, 999));
	git_odb_free(odb);
	free(path);
}

static inline int start_fleet(void **state)
{
	struct fleet *f = ck_alloc(sizeof(*f));

	git_libgit2_init();
	strcpy(f->dir, "/tmp/trine-check-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	open_remote(f);
	f->now = 1795000000;
	f->c = check_new(f->remote, "main", "coordination");
	set_up(f, 1, "11111111");
	set_up(f, 2, "22222222");
	set_up(f, 3, "33333333");
	*state = f;
	return 0;
}

static inline int end_fleet(void **state)
{
	struct fleet *f = *state;
	char *command = ck_print("rm -rf %s", f->dir);

	while (f->count)
		drop(f, f->files[0].path);
	check_free(f->c);
	git_repository_free(f->remote);
	git_libgit2_shutdown();
	(void)!system(command);
	free(command);
	free(f);
	return 0;
}

#endif
