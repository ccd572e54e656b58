/*
 * What is left of a repository that was set aside as damaged (repo.h): whole
 * commits, and the names of refs. Nothing in it is taken for good: its HEAD,
 * settings and refs are not opened by libgit2, its objects are looked at one by
 * one on the way.
 */
#include "git.h"

#include <git2/sys/repository.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/text.h"

enum {
	PACKED_REFS = 1024 * 1024,	/* bytes that are read of that file */
	REF_LEVELS = 8
};

int repo_open_rest(struct repo **out, const char *folder, struct error *err)
{
	char *objects = xasprintf("%s/objects", folder);
	struct repo *rest = xcalloc(1, sizeof(*rest));
	int rc;

	rest->path = xstrdup(folder);
	rc = git_odb_open(&rest->odb, objects);
	if (rc == 0)
		rc = git_repository_wrap_odb(&rest->git, rest->odb);
	if (rc == 0)
		rc = guard_add(rest, folder);
	free(objects);
	if (rc == 0) {
		*out = rest;
		return 0;
	}
	repo_close(rest);
	*out = NULL;
	return git_fail(err, rc, "%s", folder);
}

/* --- its refs --- */

struct rest_refs {
	const struct repo *rest;
	void (*each)(void *arg, const char *name, const char *oid);
	void *arg;
};

static void call(struct rest_refs *refs, const char *name, struct span value)
{
	struct oid id = { "" };
	struct error none = ERROR_INIT;
	git_oid valid;

	if (value.len != OID_HEX - 1)
		return;
	memcpy(id.hex, value.p, value.len);
	if (oid_read(&valid, id.hex, &none) == 0)
		refs->each(refs->arg, name, id.hex);
}

static void loose_refs(struct rest_refs *refs, const char *name, int levels)
{
	char *path = xasprintf("%s/%s", refs->rest->path, name);
	struct error unreadable = ERROR_INIT;
	struct list names = LIST_INIT;
	struct buf bytes = BUF_INIT;

	if (file_list(path, &names, &unreadable) == 0) {
		for (size_t i = 0; i < names.count && levels > 0; i++) {
			char *inner = xasprintf("%s/%s", name, names.item[i]);

			loose_refs(refs, inner, levels - 1);
			free(inner);
		}
	} else if (file_read(path, OID_HEX, &bytes, NULL, &unreadable) == 0) {
		call(refs, name, text_trim(span_of(&bytes)));
	}
	list_release(&names);
	buf_release(&bytes);
	free(path);
}

static void packed_refs(struct rest_refs *refs, const char *prefix)
{
	char *path = xasprintf("%s/packed-refs", refs->rest->path);
	struct error unreadable = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	struct span line;
	size_t pos = 0;

	if (file_read(path, PACKED_REFS, &bytes, NULL, &unreadable) == 0)
		while (text_line(span_of(&bytes), &pos, &line)) {
			char *name;

			if (line.len < OID_HEX || line.p[OID_HEX - 1] != ' ')
				continue;
			name = xstrndup(line.p + OID_HEX, line.len - OID_HEX);
			if (strncmp(name, prefix, strlen(prefix)) == 0)
				call(refs, name, (struct span){ line.p,
							OID_HEX - 1 });
			free(name);
		}
	buf_release(&bytes);
	free(path);
}

void repo_rest_refs(const struct repo *rest, const char *prefix,
		    void (*each)(void *arg, const char *name, const char *oid),
		    void *arg)
{
	struct rest_refs refs = { rest, each, arg };

	packed_refs(&refs, prefix);	/* a loose one counts more: later */
	loose_refs(&refs, prefix, REF_LEVELS);
}
